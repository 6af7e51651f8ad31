#include "tasks/toml_text.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <charconv>

#include "data/cells.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

// toml++ 3.3 is undefined for some letters beyond ASCII (U+0213 where it expects white space, for one). So it
// sees none: each byte of them, and each ~, is written "~(c8)" before it reads, and put back in what it has
// read.

constexpr char kHidden = '~';
/// Characters of the parser's reason that a message keeps.
constexpr std::size_t kLongestReason = 200;

/// Throws SettingError for what TOML allows nowhere: control characters, and what is not UTF-8.
std::string hide(std::string_view text, const std::string& source) {
  std::string out;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view row = text.substr(0, length);
    text.remove_prefix(length);
    if (!is_utf8(row)) throw SettingError(fmt::format("{}, line {}: this is not UTF-8 text", source, line));
    for (const char c : row) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f)
        throw SettingError(
            fmt::format("{}, line {}: found the byte {:#04x}, expected text", source, line, byte));
      if (byte >= 0x80 || c == kHidden)
        out += fmt::format("{}({:02x})", kHidden, byte);
      else
        out += c;
    }
  }
  return out;
}

}  // namespace

std::string reveal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const bool hidden = text[i] == kHidden && i + 4 < text.size() && text[i + 1] == '(' &&
                        text[i + 4] == ')' &&
                        std::from_chars(&text[i + 2], &text[i + 4], byte, 16).ptr == &text[i + 4];
    out += hidden ? static_cast<char>(byte) : text[i];
    if (hidden) i += 4;
  }
  return out;
}

toml::table parse_toml(std::string_view text, const std::string& source) {
  if (text.size() > kMaxSettingsBytes)
    throw SettingError(
        fmt::format("{}: found {} bytes, expected at most {}", source, text.size(), kMaxSettingsBytes));
  try {
    return toml::parse(hide(text, source), source);
  } catch (const TomlAssertion&) {
    throw SettingError(
        fmt::format("{}: this is no TOML text: a name or value has a character that it cannot have", source));
  } catch (const toml::parse_error& error) {
    throw SettingError(fmt::format("{}, line {}: {}", source, error.source().begin.line,
                                   shown(reveal(error.description()), kLongestReason)));
  }
}

}  // namespace carousel
