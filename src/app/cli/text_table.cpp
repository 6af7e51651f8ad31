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

constexpr std::string_view kMark = " *";

/// Columns that marks take at the right of every cell; none where nothing is marked.
std::size_t mark_width(const TextTable& table) {
  for (const auto& row : table.rows)
    if (std::ranges::any_of(row, &TableCell::best)) return kMark.size();
  return 0;
}

/// Without the marks.
std::vector<std::size_t> column_widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    std::size_t width = text_width(table.header[column]);
    for (const auto& row : table.rows) width = std::max(width, text_width(row[column].text));
    widths.push_back(width);
  }
  return widths;
}

std::string cell_text(const TableCell& cell, std::size_t width, std::size_t mark, bool colours) {
  std::string text = padded(cell.text, width, false);
  text += cell.best ? std::string(kMark) : std::string(mark, ' ');
  return cell.best ? styled(text, Style::green, colours) : text;
}

/// The first of `widths` may be 0: then names stand on lines of their own.
std::string block(const TextTable& table, const std::vector<std::size_t>& widths, std::size_t begin,
                  std::size_t end, bool colours) {
  const std::size_t mark = mark_width(table);
  const auto line_of = [&](const std::vector<TableCell>& row) {
    std::string line = padded(row[0].text, widths[0], true);
    if (widths[0] == 0 && !line.empty()) line += '\n';
    for (std::size_t column = begin; column < end; ++column)
      line += std::string(kGap, ' ') + cell_text(row[column], widths[column], mark, colours);
    while (line.back() == ' ') line.pop_back();
    return line + '\n';
  };
  std::vector<TableCell> header;
  for (const std::string& title : table.header) header.push_back({title});
  std::string out = line_of(header);
  for (const auto& row : table.rows) out += line_of(row);
  return out;
}

}  // namespace

std::string to_text(const TextTable& table, std::size_t width, bool colours) {
  std::vector<std::size_t> widths = column_widths(table);
  const std::size_t gap = kGap + mark_width(table);
  if (widths[0] + gap + *std::max_element(widths.begin() + 1, widths.end()) > width) widths[0] = 0;
  std::string out;
  for (std::size_t begin = 1; begin < table.header.size();) {
    std::size_t end = begin, used = widths[0];
    do {
      used += gap + widths[end++];
    } while (end < table.header.size() && used + gap + widths[end] <= width);
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

}  // namespace carousel::cli
