#include "app/report/report.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "app/report/page_html.h"
#include "app/report/page_json.h"
#include "app/report/page_resources.h"

namespace carousel::report {
namespace {

// Fills {{name}} in one pass, so that nothing inside a value is taken for a name.
std::string fill(std::string_view page, const std::map<std::string_view, std::string>& values) {
  std::string out;
  while (true) {
    const std::size_t begin = page.find("{{");
    if (begin == std::string_view::npos) return out.append(page);
    const std::size_t end = page.find("}}", begin);
    out.append(page.substr(0, begin));
    out.append(values.at(page.substr(begin + 2, end - begin - 2)));
    page.remove_prefix(end + 2);
  }
}

std::string header_html(const Report& report) {
  std::string out = fmt::format("<header>\n<h1>{}</h1>\n", escape_html(report.title));
  if (!report.summary.empty()) {
    out += fmt::format("<p class=\"summary\">{}</p>\n", escape_html(report.summary));
  }
  if (report.verdict) {
    out += fmt::format("<p class=\"verdict{}\"><strong>{} {}</strong> {}</p>\n",
                       report.verdict->good ? " good" : "", report.verdict->good ? "✓" : "✗",
                       escape_html(report.verdict->headline), escape_html(report.verdict->text));
  }
  return out + "</header>\n";
}

// Appends the section's charts to `charts`; a chart's place there is its number on the page.
std::string section_html(const Section& section, std::vector<const Chart*>& charts) {
  std::string out = fmt::format("<section>\n<h2>{}</h2>\n", escape_html(section.title));
  for (const std::string& paragraph : section.paragraphs) {
    out += fmt::format("<p>{}</p>\n", escape_html(paragraph));
  }
  for (const ColouredText& text : section.texts) out += text_html(text);
  for (const ChoiceText& text : section.choice_texts) out += choice_text_html(text);
  for (const Table& table : section.tables) out += table_html(table);
  if (!section.charts.empty()) {
    out += "<div class=\"charts\">\n";
    for (const Chart& chart : section.charts) {
      out += chart_html(chart, charts.size());
      charts.push_back(&chart);
    }
    out += "</div>\n";
  }
  return out + "</section>\n";
}

}  // namespace

std::string render(const Report& report) {
  std::vector<const Chart*> charts;
  std::string body = header_html(report);
  for (const Section& section : report.sections) {
    if (section.paragraphs.empty() && section.texts.empty() && section.choice_texts.empty() &&
        section.tables.empty() && section.charts.empty())
      continue;
    body += section_html(section, charts);
  }
  if (!charts.empty())
    body += "<noscript><p>The charts need JavaScript, which is turned off.</p></noscript>\n";
  return fill(kPageHtml,
              {{"title", escape_html(report.title)},
               {"style", std::string(kPageCss)},
               {"body", body},
               {"copyright", escape_html(kVegaCopyright)},
               {"charts", charts_json(charts)},
               {"script", fmt::format("{}{}{}{}", kVegaJs, kAnimationJs, kChoiceTextJs, kPageJs)}});
}

const char* colour_name(Colour colour) {
  switch (colour) {
    case Colour::truth:
      return "truth";
    case Colour::model:
      return "model";
    case Colour::second:
      return "second";
    case Colour::third:
      return "third";
    case Colour::quiet:
      return "quiet";
  }
  return "";
}

}  // namespace carousel::report
