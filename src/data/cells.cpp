#include "data/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "data/text.h"

namespace carousel {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view lower) noexcept {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

ParsedNumber parse_plain(std::string_view cell) noexcept {
  const char* const begin = cell.data() + (cell.starts_with('+') ? 1 : 0);
  const char* const end = cell.data() + cell.size();
  // from_chars itself takes no plus; "+-1" is no number.
  if (begin == end || (begin != cell.data() && *begin == '-')) return {NumberStatus::not_a_number};
  double value = 0;
  const std::from_chars_result read = std::from_chars(begin, end, value);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return {NumberStatus::not_a_number};
  if (read.ec == std::errc::result_out_of_range) return {NumberStatus::too_large};
  if (std::isinf(value)) return {NumberStatus::infinite};
  if (std::isnan(value)) return {NumberStatus::not_a_number};  // nan(text), -nan
  return {NumberStatus::ok, value};
}

}  // namespace

bool is_missing(std::string_view cell) noexcept {
  if (cell.size() > 4) return false;
  for (const std::string_view word : {"", "na", "n/a", "nan", "null", "none", "?", "-"}) {
    if (equal_ignoring_case(cell, word)) return true;
  }
  return false;
}

ParsedNumber parse_number(std::string_view cell, bool decimal_comma) noexcept {
  if (!decimal_comma) return parse_plain(cell);
  const std::size_t comma = cell.find(',');
  if (comma == std::string_view::npos) return parse_plain(cell);
  // 1.234,5 could be meant in two ways. Longer than any decimal of a double: not worth a buffer.
  constexpr std::size_t kLongest = 1100;
  if (cell.size() > kLongest || cell.find('.') != std::string_view::npos) return {NumberStatus::not_a_number};
  std::array<char, kLongest> copy;
  std::copy(cell.begin(), cell.end(), copy.begin());
  copy[comma] = '.';
  return parse_plain({copy.data(), cell.size()});
}

std::optional<ParsedTime> parse_time_cell(std::string_view cell, DateOrder order) noexcept {
  constexpr std::int64_t kEnd = 253402300800;  // the year 10000
  std::int64_t number = 0;
  const std::from_chars_result read = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (read.ptr != cell.data() + cell.size()) return parse_time(cell, order);
  if (cell.empty() || read.ec != std::errc() || number >= kEnd) return std::nullopt;
  if (cell.size() <= 4 && number >= 1) return ParsedTime{days_from_civil({number, 1, 1}) * 86400};
  if (number <= -kEnd) return std::nullopt;
  return ParsedTime{number};
}

std::string shown(std::string_view text, std::size_t longest) {
  std::size_t length = std::min(text.size(), longest);
  // Not in the middle of a character of several bytes.
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    --length;
  }
  const std::string_view kept = text.substr(0, length);
  const bool utf8 = is_utf8(kept);
  std::string result;
  for (const char c : kept) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return length < text.size() ? result + "..." : result;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = well_formed_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace carousel
