#include "app/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/cli/terminal.h"

namespace carousel::cli {

namespace {

constexpr std::size_t kGap = 2;

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string blanks(width - std::min(width, text_width(text)), ' ');
  return left ? text + blanks : blanks + text;
}

std::vector<std::size_t> column_widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    std::size_t width = text_width(table.header[column]);
    for (const auto& row : table.rows) width = std::max(width, text_width(row[column].text));
    widths.push_back(width + (column == 0 ? 0 : 2));  // room for the mark " *"
  }
  return widths;
}

std::string cell_text(const TableCell& cell, std::size_t width, bool colours) {
  const std::string text = padded(cell.text, width - 2, false) + (cell.best ? " *" : "  ");
  return cell.best ? styled(text, Style::green, colours) : text;
}

std::string block(const TextTable& table, const std::vector<std::size_t>& widths, std::size_t begin,
                  std::size_t end, bool colours) {
  const auto finished = [](std::string line) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line + '\n';
  };
  std::string line = padded(table.header[0], widths[0], true);
  for (std::size_t column = begin; column < end; ++column)
    line += std::string(kGap, ' ') + padded(table.header[column], widths[column] - 2, false) + "  ";
  std::string out = finished(line);
  for (const auto& row : table.rows) {
    line = padded(row[0].text, widths[0], true);
    for (std::size_t column = begin; column < end; ++column)
      line += std::string(kGap, ' ') + cell_text(row[column], widths[column], colours);
    out += finished(line);
  }
  return out;
}

}  // namespace

std::string to_text(const TextTable& table, std::size_t width, bool colours) {
  const std::vector<std::size_t> widths = column_widths(table);
  std::string out;
  for (std::size_t begin = 1; begin < table.header.size();) {
    std::size_t end = begin, used = widths[0];
    do {
      used += kGap + widths[end++];
    } while (end < table.header.size() && used + kGap + widths[end] <= width);
    if (!out.empty()) out += '\n';
    out += block(table, widths, begin, end, colours);
    begin = end;
  }
  return out;
}

std::string short_number(double value) {
  if (std::isnan(value)) return "-";
  const double size = std::abs(value);
  if (size >= 1000 && size < 1e9) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string grouped(std::size_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace carousel::cli
