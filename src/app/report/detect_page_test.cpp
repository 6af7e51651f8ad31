#include "app/report/detect_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace carousel::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// 60 rows, one found and labelled window [20, 30), a false alarm [40, 42), and a label [50, 55) not found.
DetectPage some_page() {
  DetectPage page;
  page.run_name = "taxi";
  page.settings.loss = "mae";
  page.settings.series.data = "taxi.csv";
  DetectEvaluation& e = page.evaluation;
  e.targets = {"<value>"};
  e.threshold = 5;
  e.season = 24;
  for (std::size_t row = 0; row < 60; ++row) {
    const bool odd = (row >= 20 && row < 30) || (row >= 40 && row < 42);
    const double value = static_cast<double>(row % 7);
    e.rows.push_back(
        {static_cast<std::int64_t>(row), {value}, {value + 1}, odd ? 3.0 : 0.5, odd ? 900.0 : 1.0, odd});
  }
  e.rows[0].error = e.rows[0].score = e.rows[0].expected[0] = std::nan("");
  e.windows = {{{20, 30}, 900, 20}, {{40, 42}, 900, 40}};
  e.labels_path = "labels.csv";
  e.labels = {{18, 25}, {50, 55}};
  e.model = {1, 1, 1};
  e.baseline = {1, 1, 4};
  e.beats_baseline = true;
  page.history.push_back({});
  page.history[0].epoch = 1;
  page.history[0].loss = 0.5;
  return page;
}

const Section& section(const Report& report, const std::string& title) {
  for (const Section& one : report.sections)
    if (one.title == title) return one;
  throw std::runtime_error(title);
}

TEST(DetectPage, says_what_was_found_beside_the_labels_and_the_baseline) {
  const Report report = detect_page(some_page());
  ASSERT_TRUE(report.verdict.has_value());
  EXPECT_TRUE(report.verdict->good);
  EXPECT_THAT(report.verdict->text,
              HasSubstr("1 of 2 labelled windows found with 1 false alarm; the errors of the seasonal naive "
                        "forecast find 1 with 4 false alarms"));
  const Section& found = section(report, "What was found");
  ASSERT_EQ(found.tables.size(), 2u);
  std::vector<std::string> labelled;
  for (const auto& row : found.tables[1].rows) labelled.push_back(row[0].text + " " + row[4].text);
  EXPECT_THAT(labelled, ElementsAre("20 yes", "40 no: a false alarm", "50 yes"));
  EXPECT_THAT(render(report), HasSubstr("&lt;value&gt;"));
}

TEST(DetectPage, marks_windows_over_the_whole_height_and_cuts_high_scores) {
  const Section over_time = section(detect_page(some_page()), "Over time");
  ASSERT_EQ(over_time.charts.size(), 2u);
  const auto& series = std::get<LineChart>(over_time.charts[0].plot);
  ASSERT_EQ(series.bands.size(), 2u);
  EXPECT_EQ(series.bands[0].name, "labelled");
  const Band& found = series.bands[1];
  EXPECT_THAT(found.x, ElementsAre(19.5, 29.5, 29.5, 39.5, 41.5, 41.5));
  EXPECT_EQ(found.low[0], 0);
  EXPECT_EQ(found.high[1], 6);
  EXPECT_TRUE(std::isnan(found.low[2]));  // a gap before the next one
  const auto& score = std::get<LineChart>(over_time.charts[1].plot);
  EXPECT_EQ(score.lines[0].y[20], 50);
  EXPECT_TRUE(std::isnan(score.lines[0].y[0]));
  EXPECT_THAT(score.lines[1].y, ElementsAre(5, 5));
}

TEST(DetectPage, shows_windows_from_near_and_all_errors) {
  const Report report = detect_page(some_page());
  const Section& near = section(report, "Windows from near");
  ASSERT_EQ(near.charts.size(), 3u);
  EXPECT_EQ(near.charts[2].note, "Labelled, and not found.");
  const auto& bars = std::get<BarChart>(section(report, "Errors").charts[0].plot);
  double rows = 0;
  for (const double height : bars.heights) rows += height;
  EXPECT_EQ(rows, 59);
}

TEST(DetectPage, without_labels_or_windows_there_is_no_verdict) {
  DetectPage page = some_page();
  page.evaluation.labels_path.reset();
  page.evaluation.labels.clear();
  page.evaluation.windows.clear();
  const Report report = detect_page(page);
  EXPECT_FALSE(report.verdict.has_value());
  EXPECT_THAT(section(report, "What was found").paragraphs.at(0), HasSubstr("No row has a score of 5"));
  EXPECT_TRUE(std::get<LineChart>(section(report, "Over time").charts[0].plot).bands.empty());
}

}  // namespace
}  // namespace carousel::report
