#include "app/report/forecast_page.h"

#include <gmock/gmock.h>

#include <cmath>

namespace carousel::report {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;

ForecastScore score(const std::string& name, double mae, double rmse) {
  ForecastScore out{name, {}, {}};
  out.metrics.count = 24;
  out.metrics.mae = mae;
  out.metrics.rmse = rmse;
  out.by_step = {out.metrics, out.metrics};
  return out;
}

ForecastPage sample_page(double model_rmse) {
  ForecastPage page;
  page.run_name = "air";
  page.settings.data = "air.csv";
  page.settings.loss = "quantile";
  page.settings.context = 3;
  ForecastEvaluation& e = page.evaluation;
  e.horizon = 2;
  e.has_time = true;
  e.frequency = "monthly";
  e.levels = {0.1, 0.9};
  e.nominal_coverage = 0.8;
  e.targets = {{"passengers", score("model", 10, model_rmse), {score("naive", 20, 30)}, model_rmse < 30}};
  e.targets[0].model.metrics.coverage = 0.75;
  e.beats_baselines = model_rmse < 30;
  const ForecastSample sample{"",     "passengers", {0, 1, 2},  {1, 2, 3},
                              {3, 4}, {4, 5},       {4.5, 5.5}, {{3, 4}, {6, 7}}};
  e.samples = {sample};
  e.end_to_end = sample;
  e.residuals = {{3, 1, -0.5}, {4, 2, -0.5}};
  e.recorded_times = {0, 1, 2};
  e.recorded_input = {0.1, 0.2, 0.3};
  for (const char* quantity : {"i", "f", "g", "o", "c", "h"})
    e.recordings.push_back({"layers.0", quantity, 2, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}});
  ProgressRecord first, second;
  first.epoch = 1, first.loss = 0.5, first.validation_loss = 0.6, first.best = true;
  second.epoch = 2, second.loss = 0.4, second.validation_loss = 0.7;
  page.history = {first, second};
  page.next = ForecastTable{true, "", "month", {0.1, 0.9}, {}};
  page.next->rows = {{"", 1, 5, "passengers", 6, {5, 7}}, {"", 2, 6, "passengers", 7, {6, 8}}};
  page.end_times = {2, 3, 4};
  page.end_values = {3, 4, 5};
  page.model_metadata = {{"provenance.data", "air.csv"}};
  return page;
}

const Section* find_section(const Report& report, const std::string& part) {
  for (const Section& section : report.sections)
    if (section.title.find(part) != std::string::npos) return &section;
  return nullptr;
}

TEST(ForecastPage, HasEveryPart) {
  const Report report = forecast_page(sample_page(12));
  EXPECT_EQ(report.title, "air: forecast of passengers");
  EXPECT_THAT(report.summary, HasSubstr("2 months ahead"));
  ASSERT_TRUE(report.verdict.has_value());
  EXPECT_TRUE(report.verdict->good);
  for (const char* part : {"The forecast", "How good", "Forecast against truth", "Residuals", "Training",
                           "layers.0", "Settings", "Provenance"})
    EXPECT_NE(find_section(report, part), nullptr) << part;
  EXPECT_THAT(render(report), HasSubstr("<html"));
}

TEST(ForecastPage, ScoresStandWhereTheyBelong) {
  const Report report = forecast_page(sample_page(12));
  const Table& table = find_section(report, "How good")->tables.at(0);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.columns.at(1).title, HasSubstr("MAE"));
  EXPECT_EQ(table.rows[0].at(1).text, "10");
  EXPECT_TRUE(table.rows[0].at(1).best);
  EXPECT_EQ(table.rows[1].at(2).text, "30");
  EXPECT_THAT(table.columns.back().title, HasSubstr("coverage"));
  EXPECT_EQ(table.rows[0].back().text, "75");
}

TEST(ForecastPage, NoPraiseWhereABaselineIsBetterInOneMetric) {
  const Report report = forecast_page(sample_page(40));
  ASSERT_TRUE(report.verdict.has_value());
  EXPECT_FALSE(report.verdict->good);
  EXPECT_THAT(report.verdict->headline, HasSubstr("Does not beat"));
}

TEST(ForecastPage, SettingsAreThoseOfTheRun) {
  const Report report = forecast_page(sample_page(12));
  const Table& table = find_section(report, "Settings")->tables.at(0);
  std::string context;
  for (const auto& row : table.rows)
    if (row.at(0).text == "context") context = row.at(1).text;
  EXPECT_EQ(context, "3");
}

TEST(ForecastPage, GateActivityOfALayer) {
  const Report report = forecast_page(sample_page(12));
  const Section* gates = find_section(report, "layers.0");
  ASSERT_NE(gates, nullptr);
  std::size_t heat_maps = 0;
  for (const Chart& chart : gates->charts) heat_maps += std::holds_alternative<HeatMap>(chart.plot) ? 1 : 0;
  EXPECT_EQ(heat_maps, 5U) << "i, f, g, o and c";
}

TEST(ForecastPage, RollingOriginsAreATableAndAChart) {
  ForecastPage page = sample_page(12);
  const Report without = forecast_page(page);
  EXPECT_TRUE(find_section(without, "From rolling origins")->tables.empty());  // and is left out of the page
  page.evaluation.rolling = {{4, 1, 86400}, {2, 1, 2 * 86400}};
  ForecastMetrics near, far;
  near.mae = 1;
  far.mae = 7;
  page.evaluation.targets[0].by_origin = {{near, {far}}, {far, {near}}};
  const Report report = forecast_page(page);
  const Section* section = find_section(report, "From rolling origins");
  ASSERT_NE(section, nullptr);
  const Table& table = section->tables.at(0);
  EXPECT_EQ(table.rows.at(0).at(0).text, "1970-01-02");
  EXPECT_EQ(table.rows.at(0).at(1).text, "1");
  EXPECT_TRUE(table.rows.at(0).at(1).best);
  EXPECT_TRUE(table.rows.at(1).at(2).best);
  const LineChart& chart = std::get<LineChart>(section->charts.at(0).plot);
  ASSERT_EQ(chart.lines.size(), 2U);
  EXPECT_EQ(chart.lines[0].x, (std::vector<double>{86400, 2 * 86400}));
  EXPECT_EQ(chart.lines[1].y, (std::vector<double>{7, 1}));
  // Without one time for all series, and of several of them: percents, by the rows that are left.
  page.evaluation.rolling = {{4, 3, std::nullopt}, {2, 3, std::nullopt}};
  page.evaluation.targets[0].by_origin[0].model.smape = 12;
  const Report many = forecast_page(page);
  const Section* of_many = find_section(many, "From rolling origins");
  EXPECT_EQ(of_many->tables.at(0).rows.at(0).at(0).text, "4 rows before the end");
  EXPECT_EQ(of_many->tables.at(0).rows.at(0).at(1).text, "12");
  EXPECT_EQ(std::get<LineChart>(of_many->charts.at(0).plot).lines[0].x, (std::vector<double>{2, 4}));
}

TEST(ForecastPage, OtherTargetsHaveTheirScores) {
  ForecastPage page = sample_page(12);
  page.evaluation.targets.push_back({"freight", score("model", 1, 2), {score("naive", 3, 4)}, true});
  const Report report = forecast_page(page);
  const Section* other = find_section(report, "freight");
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->tables.at(0).rows[0].at(1).text, "1");
}

TEST(ForecastPage, WithoutFutureOrPictures) {
  ForecastPage page = sample_page(12);
  page.next.reset();
  page.evaluation.samples.clear();
  page.evaluation.recordings.clear();
  page.evaluation.end_to_end = {};
  EXPECT_NO_THROW(render(forecast_page(page)));
}

}  // namespace
}  // namespace carousel::report
