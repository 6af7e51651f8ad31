// Any bytes as text, beside a decoder of RFC 3629's table: the same bytes are refused, named and replaced; in
// parts as a whole; and what the text is cut into is UTF-8 and joins to the text again.
#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "data/cells.h"
#include "data/text.h"

namespace {

using namespace carousel;

struct Bytes {
  unsigned low, high;
};
constexpr Bytes kTail{0x80, 0xBF};

/// One row of the table: what the bytes of a character may be.
struct Form {
  std::size_t length;
  std::array<Bytes, 4> bytes;
};
constexpr std::array<Form, 9> kForms{{{1, {{{0x00, 0x7F}}}},
                                      {2, {{{0xC2, 0xDF}, kTail}}},
                                      {3, {{{0xE0, 0xE0}, {0xA0, 0xBF}, kTail}}},
                                      {3, {{{0xE1, 0xEC}, kTail, kTail}}},
                                      {3, {{{0xED, 0xED}, {0x80, 0x9F}, kTail}}},
                                      {3, {{{0xEE, 0xEF}, kTail, kTail}}},
                                      {4, {{{0xF0, 0xF0}, {0x90, 0xBF}, kTail, kTail}}},
                                      {4, {{{0xF1, 0xF3}, kTail, kTail, kTail}}},
                                      {4, {{{0xF4, 0xF4}, {0x80, 0x8F}, kTail, kTail}}}}};

bool fits(const Form& form, std::string_view text) {
  if (text.size() < form.length) return false;
  for (std::size_t i = 0; i < form.length; ++i) {
    const unsigned byte = static_cast<unsigned char>(text[i]);
    if (byte < form.bytes[i].low || byte > form.bytes[i].high) return false;
  }
  return true;
}

struct Decoded {
  std::string text;                // bytes that are no character replaced
  std::size_t characters = 0;      // of it
  std::optional<std::size_t> bad;  // the first such byte
};

Decoded decoded(std::string_view text) {
  Decoded out;
  for (std::size_t at = 0; at < text.size(); ++out.characters) {
    const auto* form = std::ranges::find_if(kForms, [&](const Form& f) { return fits(f, text.substr(at)); });
    if (form == kForms.end()) {
      if (!out.bad) out.bad = at;
      out.text += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    out.text += text.substr(at, form->length);
    at += form->length;
  }
  return out;
}

void require(bool holds) {
  if (!holds) std::abort();
}

/// The message names the line and the byte of the first one that is not UTF-8.
void check_refusal(std::string_view text, const Decoded& expected) {
  std::string message;
  try {
    require(valid_text(std::string(text), "fuzz.txt", InvalidText::error) == text);
  } catch (const DataError& error) {
    message = error.what();
  }
  require(message.empty() != expected.bad.has_value());
  if (!expected.bad) return;
  std::size_t line = 1, byte = 1;
  for (const char c : text.substr(0, *expected.bad)) byte = c == '\n' ? (++line, 1) : byte + 1;
  require(message.starts_with(fmt::format("fuzz.txt, line {}, byte {} of it: ", line, byte)));
}

std::string in_parts(std::string_view bytes, std::size_t part) {
  CharacterStream stream;
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    text += stream.add(bytes.substr(at, part));
    require(is_utf8(text));
  }
  return text + stream.end();
}

void check_pieces(std::string_view text, std::size_t characters) {
  for (const TextUnit unit : {TextUnit::character, TextUnit::word, TextUnit::piece}) {
    std::string joined;
    std::size_t count = 0;
    for (const std::string_view piece : pieces(text, unit)) {
      require(!piece.empty() && is_utf8(piece));
      require(unit != TextUnit::piece || piece.size() <= kLongestRun + 3);
      joined += piece;
      ++count;
    }
    require(joined == text);
    require(unit == TextUnit::character ? count == characters : count <= characters);
  }
}

}  // namespace

/// The first byte says how long the parts are in which the text comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded expected = decoded(text);
  require(valid_text(std::string(text), "", InvalidText::replace) == expected.text);
  require(is_utf8(text) == !expected.bad.has_value());
  check_refusal(text, expected);
  require(in_parts(text, 1 + data[0] % 8) == expected.text);
  require(count_characters(expected.text) == expected.characters);
  check_pieces(expected.text, expected.characters);
  return 0;
}
