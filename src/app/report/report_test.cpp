#include "app/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/report/page_json.h"
#include "carousel/error.h"

namespace carousel::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

Chart line_of(std::vector<double> x, std::vector<double> y, Axis x_axis = {}, Axis y_axis = {}) {
  LineChart plot;
  plot.x = std::move(x_axis);
  plot.y = std::move(y_axis);
  plot.lines.push_back({"curve", std::move(x), std::move(y), Colour::truth, Stroke::dashed});
  return {"chart", "", false, plot};
}

Report page_with(Chart chart) {
  Report report;
  report.title = "page";
  report.sections.push_back({"section", {}, {}, {std::move(chart)}});
  return report;
}

nlohmann::json json_of(const Chart& chart) { return nlohmann::json::parse(charts_json({&chart})).at(0); }

TEST(ChartsJson, HoldsPointsAndMakesWhatIsNoNumberAGap) {
  const nlohmann::json line = json_of(line_of({1, 2, 3}, {0.123456789, NAN, INFINITY}))["lines"][0];
  EXPECT_EQ(line["x"], nlohmann::json({1.0, 2.0, 3.0}));
  EXPECT_EQ(line["y"], nlohmann::json({0.123457, nullptr, nullptr}));
  EXPECT_EQ(line["stroke"], "dashed");
  EXPECT_EQ(line["colour"], "truth");
}

TEST(ChartsJson, GivesTimeInMilliseconds) {
  const nlohmann::json chart = json_of(line_of({-662688000, 0.5}, {1, 2}, {"time", Scale::time}));
  EXPECT_EQ(chart["lines"][0]["x"], nlohmann::json({-662688000000.0, 500.0}));
}

TEST(ChartsJson, LeavesOutOfALogAxisWhatHasNoLogarithm) {
  const nlohmann::json chart = json_of(line_of({1, 2, 3}, {0.1, 0, -1}, {}, {"loss", Scale::log}));
  EXPECT_EQ(chart["lines"][0]["y"], nlohmann::json({0.1, nullptr, nullptr}));
}

TEST(ChartsJson, ThinsLongLinesAndLargeHeatMaps) {
  std::vector<double> long_one(100000);
  for (std::size_t k = 0; k < long_one.size(); ++k) long_one[k] = static_cast<double>(k);
  EXPECT_LE(json_of(line_of(long_one, long_one))["lines"][0]["x"].size(), kMaxLinePoints);

  HeatMap map;
  map.rows = 300;
  map.columns.assign(long_one.begin(), long_one.begin() + 500);
  map.values.assign(300 * 500, 0.25);
  const nlohmann::json chart = json_of({"map", "", false, map});
  EXPECT_EQ(chart["rows"], 100);  // 3 x 4 cells become one
  EXPECT_EQ(chart["columns"].size(), 125U);
  EXPECT_EQ(chart["values"].size(), 100U * 125U);
  EXPECT_EQ(chart["values"][7], 0.25);
  EXPECT_EQ(chart["row_numbers"], 300);
}

TEST(ChartsJson, CellsOfAHeatMapHaveNames) {
  HeatMap map;
  map.rows = 2;
  map.columns = {1, 2, 3};
  map.values.assign(6, 0.5);
  EXPECT_EQ(json_of({"map", "", false, map})["row_names"], nlohmann::json::array());
  map.column_names = {"a", "b", "c"};
  map.row_names = {"x", "<end>"};
  const nlohmann::json chart = json_of({"map", "", false, map});
  EXPECT_EQ(chart["column_names"], nlohmann::json({"a", "b", "c"}));
  EXPECT_EQ(chart["row_names"], nlohmann::json({"x", "<end>"}));
  map.row_names.pop_back();
  EXPECT_THAT(
      [&] {
        json_of({"map", "", false, map});
      },
      ThrowsMessage<Error>(HasSubstr("row_names has 1 values, expected 2")));
  map.row_names.clear();
  map.columns.resize(200, 1);
  map.values.assign(400, 0.5);
  map.column_names.resize(200);
  EXPECT_EQ(json_of({"map", "", false, map})["column_names"], nlohmann::json::array());
}

TEST(ChartsJson, CannotEndTheElementItStandsInAndIsValidUtf8) {
  Chart chart = line_of({1}, {1});
  std::get<LineChart>(chart.plot).lines[0].name = "</script><!--\xff";
  EXPECT_THAT(charts_json({&chart}), Not(HasSubstr("<")));
  EXPECT_EQ(json_of(chart)["lines"][0]["name"], "</script><!--\xef\xbf\xbd");
}

TEST(Render, EscapesTextEverywhere) {
  const std::string evil = "<b onclick='x'>\"&{{script}}";
  const std::string safe = "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;{{script}}";
  Report report = page_with(line_of({1, 2}, {1, 2}, {evil}, {evil}));
  Chart& chart = report.sections[0].charts[0];
  chart.title = chart.note = evil;
  std::get<LineChart>(chart.plot).lines.push_back({evil, {1}, {1}});
  report.title = report.summary = evil;
  report.verdict = Verdict{false, evil, evil};
  report.sections[0].title = evil;
  report.sections[0].paragraphs = {evil};
  report.sections[0].tables = {{evil, {{evil, false}, {evil, true}}, {{{evil}, {evil, true}}}, std::nullopt}};
  const std::string html = render(report);
  EXPECT_THAT(html, Not(HasSubstr("<b onclick")));
  std::size_t count = 0;
  for (std::size_t at = html.find(safe); at != std::string::npos; at = html.find(safe, at + 1)) ++count;
  // title twice, summary, verdict twice, section title, paragraph, caption, two columns, two cells,
  // chart title and note twice each (label and caption), legend
  EXPECT_EQ(count, 17U);
}

TEST(Render, MarksTheBestCellAndTheEmphasisedRow) {
  Report report;
  report.sections.push_back(
      {"s", {}, {{"", {{"", false}, {"MAE", true}}, {{{"net"}, {"1.5", true}}, {{"naive"}, {"2"}}}, 0}}, {}});
  EXPECT_THAT(render(report),
              AllOf(HasSubstr("<tr class=\"emphasised\"><th scope=\"row\">net</th>"),
                    HasSubstr("<span class=\"best\">1.5</span>"), HasSubstr("<td class=\"number\">2</td>")));
}

TEST(Render, LeavesOutSectionsWithoutContent) {
  Report report;
  report.sections = {{"nothing here", {}, {}, {}}, {"text here", {"a paragraph"}, {}, {}}};
  const std::string html = render(report);
  EXPECT_THAT(html, Not(HasSubstr("nothing here")));
  EXPECT_THAT(html, HasSubstr("<h2>text here</h2>\n<p>a paragraph</p>"));
}

TEST(Render, RefusesLengthsThatDisagree) {
  EXPECT_THAT(
      [] {
        render(page_with(line_of({1, 2}, {1})));
      },
      ThrowsMessage<Error>(HasSubstr("chart 'chart': line 'curve' has 1 values, expected 2")));
  EXPECT_THAT(
      [] {
        render(page_with({"bars", "", false, BarChart{{}, {}, {1, 2}, {1, 2}}}));
      },
      ThrowsMessage<Error>(HasSubstr("edges has 2 values, expected 3")));
  HeatMap map;
  map.rows = 2;
  map.columns = {1, 2};
  map.values = {1, 2, 3};
  EXPECT_THAT(
      [&] {
        render(page_with({"map", "", false, map}));
      },
      ThrowsMessage<Error>(HasSubstr("heat map of 2 rows and 2 columns with 3 values")));
  Report report;
  report.sections.push_back({"s", {}, {{"scores", {{"a"}, {"b"}}, {{{"one"}}}, std::nullopt}}, {}});
  EXPECT_THAT([&] { render(report); },
              ThrowsMessage<Error>(HasSubstr("table 'scores': row 0 has 1 cells, expected 2")));
}

TEST(Render, RefusesPositionsAndColoursWithoutAPlace) {
  EXPECT_THAT(
      [] {
        render(page_with(line_of({1, NAN}, {1, 2})));
      },
      ThrowsMessage<Error>(HasSubstr("line 'curve' has x[1] = nan")));
  HeatMap map;
  map.rows = 1;
  map.columns = {1};
  map.values = {1};
  map.low = map.high = 3;
  EXPECT_THAT(
      [&] {
        render(page_with({"map", "", false, map}));
      },
      ThrowsMessage<Error>(HasSubstr("colours from 3 to 3, expected low < high")));
}

TEST(Render, ShowsTheFirstChoiceAndHoldsTheSharesOfAll) {
  ChoiceText text{"gates",
                  "",
                  "units",
                  {"a", "<"},
                  {"input", "output"},
                  {{"all", {0.5, -0.25, NAN, 7}}, {"<1>", {-1, 1, 0, 0}}}};
  Report report{"page", "", std::nullopt, {{"section", {}, {}, {}, {}, {text}}}};
  const std::string html = render(report);
  EXPECT_THAT(html, HasSubstr("data-shares=\"[[50,-25,0,100],[-100,100,0,0]]\""));
  EXPECT_THAT(html, HasSubstr("<option>all</option><option>&lt;1&gt;</option>"));
  EXPECT_THAT(
      html, HasSubstr("<p>input</p>\n<pre><span class=\"above\" style=\"--share:50%\" title=\"0.50\">a</span>"
                      "<span class=\"below\" style=\"--share:25%\" title=\"-0.25\">&lt;</span></pre>"));
  report.sections[0].choice_texts[0].choices[1].values.pop_back();
  EXPECT_THAT([&] { render(report); },
              ThrowsMessage<Error>(HasSubstr("choice '<1>' has 3 values, expected 4")));
}

}  // namespace
}  // namespace carousel::report
