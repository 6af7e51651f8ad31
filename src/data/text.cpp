#include "data/text.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carousel {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Whether a byte is one behind the first of a character.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes at the end of a text that others behind them could make a character of.
std::size_t unfinished(std::string_view text) {
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(3, text.size()); ++bytes)
    for (const char other : {'\x80', '\xA0'}) {  // as second bytes one of them is fine behind any first one
      std::string whole(text.substr(text.size() - bytes));
      while (whole.size() < 4)
        if (well_formed_character(whole += other) == whole.size()) return bytes;
    }
  return 0;
}

[[noreturn]] void refuse(std::string_view text, std::size_t at, const std::string& source,
                         std::size_t first_line) {
  const std::string_view before = text.substr(0, at);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + first_line;
  const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  throw DataError(
      fmt::format("{}, line {}, byte {} of it: found {:#04x}, which is not UTF-8; correct it, or train "
                  "with --invalid replace (in run.toml: invalid)",
                  source, line, at - begin + 1, byte_at(text, at)));
}

}  // namespace

std::size_t well_formed_character(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  // The second byte rules out overlong forms, surrogates and what is above U+10FFFF.
  const unsigned low = first == 0xE0   ? 0xA0
                       : first == 0xF0 ? 0x90
                                       : 0x80,
                 high = first == 0xED   ? 0x9F
                        : first == 0xF4 ? 0x8F
                                        : 0xBF;
  if (byte_at(text, 1) < low || byte_at(text, 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  return length;
}

std::string valid_text(std::string text, const std::string& source, InvalidText policy,
                       std::size_t first_line) {
  std::string replaced;
  std::size_t copied = 0;  // of text, into replaced
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = well_formed_character(std::string_view(text).substr(at));
    if (length == 0) {
      if (policy == InvalidText::error) refuse(text, at, source, first_line);
      replaced.append(text, copied, at - copied).append(kReplacement);
      copied = at + 1;
    }
    at += std::max<std::size_t>(length, 1);
  }
  if (copied == 0) return text;
  return replaced.append(text, copied);
}

std::size_t first_character(std::string_view text) noexcept {
  return text.empty() ? 0 : std::max<std::size_t>(well_formed_character(text), 1);
}

std::size_t first_piece(std::string_view text, TextUnit unit) noexcept {
  if (unit == TextUnit::character || text.empty()) return first_character(text);
  std::size_t end = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  if (!in_word(text[end])) return end + first_character(text.substr(end));
  const std::size_t longest = unit == TextUnit::piece ? kLongestRun : text.size();
  while (end < text.size() && in_word(text[end]) && (end < longest || continues(text[end]))) ++end;
  return end;
}

bool is_word(std::string_view piece) noexcept {
  if (piece.starts_with(' ')) piece.remove_prefix(1);
  return !piece.empty() && std::ranges::all_of(piece, in_word);
}

std::size_t count_characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string CharacterStream::add(std::string_view bytes) {
  held_ += bytes;
  const std::size_t known = held_.size() - unfinished(held_);
  std::string text = valid_text(held_.substr(0, known), "", InvalidText::replace);
  held_.erase(0, known);
  return text;
}

std::string CharacterStream::end() { return valid_text(std::exchange(held_, {}), "", InvalidText::replace); }

std::vector<std::string_view> pieces(std::string_view text, TextUnit unit) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    all.push_back(text.substr(0, first_piece(text, unit)));
    text.remove_prefix(all.back().size());
  }
  return all;
}

}  // namespace carousel
