#include "app/report/page_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "carousel/error.h"

namespace carousel::report {
namespace {

// The little picture beside a name: an area, a dot, or a line as it is drawn.
std::string legend_entry(const std::string& name, Colour colour, std::string_view shape) {
  return fmt::format(
      "<li><svg viewBox=\"0 0 26 12\" aria-hidden=\"true\" class=\"colour-{}\">{}</svg>{}</li>\n",
      colour_name(colour), shape, escape_html(name));
}

std::string_view shape_of(Stroke stroke) {
  switch (stroke) {
    case Stroke::solid:
      return R"(<path d="M0 6H26" stroke="currentColor" stroke-width="2.5"/>)";
    case Stroke::dashed:
      return R"(<path d="M0 6H26" stroke="currentColor" stroke-width="2.5" stroke-dasharray="7 4"/>)";
    case Stroke::points:
      return R"(<circle cx="13" cy="6" r="4" fill="currentColor"/>)";
    case Stroke::solid_with_points:
      return R"(<path d="M0 6H26" stroke="currentColor" stroke-width="2.5"/><circle cx="13" cy="6" r="4" fill="currentColor"/>)";
  }
  return "";
}

std::string legend_html(const LineChart& plot) {
  if (plot.lines.size() + plot.bands.size() + plot.markers.size() < 2) return "";
  std::string out = "<ul class=\"legend\">\n";
  for (const Line& line : plot.lines) out += legend_entry(line.name, line.colour, shape_of(line.stroke));
  double clear = 1;  // bands lie on top of each other, each as opaque as page.js draws it
  for (const Band& band : plot.bands) {
    clear *= 0.8;
    out += legend_entry(
        band.name, band.colour,
        fmt::format(R"(<rect width="26" height="12" rx="2" fill="currentColor" fill-opacity="{:.2f}"/>)",
                    1 - clear));
  }
  for (const Marker& marker : plot.markers) {
    out +=
        legend_entry(marker.label, Colour::quiet,
                     R"(<path d="M13 0V12" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2"/>)");
  }
  return out + "</ul>\n";
}

std::string row_html(const Table& table, std::size_t r) {
  std::string out = table.emphasised_row == r ? "<tr class=\"emphasised\">" : "<tr>";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Cell& cell = table.rows[r][c];
    const std::string text = escape_html(cell.text);
    if (c == 0) {
      out += fmt::format("<th scope=\"row\">{}</th>", text);
    } else if (cell.best) {
      out += fmt::format("<td class=\"{}\"><span class=\"best\">{}</span></td>",
                         table.columns[c].number ? "number" : "text", text);
    } else {
      out += fmt::format("<td class=\"{}\">{}</td>", table.columns[c].number ? "number" : "text", text);
    }
  }
  return out + "</tr>\n";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string text_html(const ColouredText& text) {
  if (!text.values.empty() && text.values.size() != text.pieces.size())
    throw Error(fmt::format("[report.render] text '{}' has {} pieces and {} values", text.title,
                            text.pieces.size(), text.values.size()));
  std::string out = fmt::format("<figure class=\"text\">\n<figcaption><b>{}</b>{}</figcaption>\n<pre>",
                                escape_html(text.title),
                                text.note.empty() ? "" : "<span>" + escape_html(text.note) + "</span>");
  for (std::size_t i = 0; i < text.pieces.size(); ++i) {
    const double value = text.values.empty() ? NAN : text.values[i];
    const std::string piece = escape_html(text.pieces[i]);
    out +=
        std::isnan(value)
            ? piece
            : fmt::format("<span class=\"{}\" style=\"--share:{:.0f}%\" title=\"{:.2f}\">{}</span>",
                          value < 0 ? "below" : "above", 100 * std::min(std::abs(value), 1.0), value, piece);
  }
  return out + "</pre>\n</figure>\n";
}

std::string table_html(const Table& table) {
  std::string out;
  if (!table.caption.empty()) out += fmt::format("<p class=\"caption\">{}</p>\n", escape_html(table.caption));
  out += "<div class=\"scroll\" tabindex=\"0\"><table>\n";
  out += "<thead><tr>";
  for (const Column& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"number\"" : "",
                       escape_html(column.title));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (table.rows[r].size() != table.columns.size()) {
      throw Error(fmt::format("[report.render] table '{}': row {} has {} cells, expected {}", table.caption,
                              r, table.rows[r].size(), table.columns.size()));
    }
    out += row_html(table, r);
  }
  return out + "</tbody>\n</table></div>\n";
}

std::string chart_html(const Chart& chart, std::size_t number) {
  const auto* lines = std::get_if<LineChart>(&chart.plot);
  const std::string title = escape_html(chart.title);
  const std::string note = escape_html(chart.note);
  return fmt::format(
      "<figure{}>\n<figcaption><b>{}</b>{}{}</figcaption>\n"
      "<div class=\"plot\" id=\"chart-{}\" role=\"img\" aria-label=\"{}. {}\"></div>\n</figure>\n",
      chart.wide ? " class=\"wide\"" : "", title, note.empty() ? "" : "<span>" + note + "</span>",
      lines == nullptr ? "" : legend_html(*lines), number, title, note);
}

}  // namespace carousel::report
