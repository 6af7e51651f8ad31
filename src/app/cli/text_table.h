// A table of text for a terminal: first column left, the others right, the best of a row marked.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace carousel::cli {

struct TableCell {
  std::string text;
  bool best = false;  ///< marked with * and, where there are colours, green
};

struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<TableCell>> rows;  ///< each as long as the header; the first cell names the row
};

/// Lines of at most `width` columns where that can be done: columns that do not fit follow in a second block,
/// and names beside which not every column fits stand on lines of their own.
std::string to_text(const TextTable& table, std::size_t width, bool colours);

/// Four significant digits without an exponent where that is readable; "-" for NaN.
std::string short_number(double value);

}  // namespace carousel::cli
