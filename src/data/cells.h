// What stands in one cell of a CSV file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/time_stamp.h"

namespace carousel {

/// Is the cell one of: empty NA N/A NaN null None ? - (any case)?
bool is_missing(std::string_view cell) noexcept;

enum class NumberStatus { ok, not_a_number, too_large, infinite };
struct ParsedNumber {
  NumberStatus status;
  double value = 0;
};

/// The whole cell as a decimal number, correctly rounded. A number too small for a double counts as too
/// large.
ParsedNumber parse_number(std::string_view cell, bool decimal_comma) noexcept;

/// A cell of a time column: a year (1-4 digits), seconds since 1970 (up to the year 9999), or parse_time.
std::optional<ParsedTime> parse_time_cell(std::string_view cell, DateOrder order) noexcept;

/// A text for messages: one line, printable, of at most `longest` bytes of it.
std::string shown(std::string_view text, std::size_t longest = 40);

bool is_utf8(std::string_view text) noexcept;

}  // namespace carousel
