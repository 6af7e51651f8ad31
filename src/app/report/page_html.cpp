#include "app/report/page_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

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

std::string text_caption(const std::string& title, const std::string& note) {
  return fmt::format("<figcaption><b>{}</b>{}</figcaption>\n", escape_html(title),
                     note.empty() ? "" : "<span>" + escape_html(note) + "</span>");
}

/// How strong the colour of a value is, in percent, with its sign.
int percent(double value) {
  return std::isnan(value) ? 0 : static_cast<int>(std::lround(100 * std::clamp(value, -1.0, 1.0)));
}

std::vector<int> percents(const std::vector<double>& values) {
  std::vector<int> all(values.size());
  std::ranges::transform(values, all.begin(), percent);
  return all;
}

std::string coloured_piece(const std::string& piece, double value) {
  return fmt::format("<span class=\"{}\" style=\"--share:{}%\" title=\"{:.2f}\">{}</span>",
                     value < 0 ? "below" : "above", std::abs(percent(value)), value, escape_html(piece));
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
  std::string out = "<figure class=\"text\">\n" + text_caption(text.title, text.note) + "<pre>";
  for (std::size_t i = 0; i < text.pieces.size(); ++i) {
    const double value = text.values.empty() ? NAN : text.values[i];
    out += std::isnan(value) ? escape_html(text.pieces[i]) : coloured_piece(text.pieces[i], value);
  }
  return out + "</pre>\n</figure>\n";
}

std::string choice_text_html(const ChoiceText& text) {
  const std::size_t count = text.rows.size() * text.pieces.size();
  std::string shares, options;
  for (const ChoiceText::Choice& choice : text.choices) {
    if (choice.values.size() != count)
      throw Error(fmt::format("[report.render] text '{}', choice '{}' has {} values, expected {}", text.title,
                              choice.name, choice.values.size(), count));
    shares += fmt::format("{}[{}]", shares.empty() ? "" : ",", fmt::join(percents(choice.values), ","));
    options += fmt::format("<option>{}</option>", escape_html(choice.name));
  }
  std::string out = fmt::format(
      "<figure class=\"text choice\" data-shares=\"[{}]\">\n{}<label hidden>{}: "
      "<select>{}</select></label>\n",
      shares, text_caption(text.title, text.note), escape_html(text.choice_name), options);
  for (std::size_t row = 0; row < text.rows.size() && !text.choices.empty(); ++row) {
    out += fmt::format("<p>{}</p>\n<pre>", escape_html(text.rows[row]));
    for (std::size_t i = 0; i < text.pieces.size(); ++i) {
      const double value = text.choices.front().values[row * text.pieces.size() + i];
      out += coloured_piece(text.pieces[i], std::isnan(value) ? 0 : value);
    }
    out += "</pre>\n";
  }
  return out + "</figure>\n";
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
