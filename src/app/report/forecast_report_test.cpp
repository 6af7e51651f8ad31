#include "app/report/forecast_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "carousel/error.h"

namespace carousel::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

ForecastRun scored(double model, double naive, double drift) {
  ForecastRun run;
  run.target = "load";
  run.unit = "MW";
  run.step_name = "hour";
  run.horizon = 24;
  run.scores.metrics = {{"MAE", "MW", Better::lower, 0}};
  run.scores.model = {"network", {model}};
  run.scores.baselines = {{"naive", {naive}}, {"drift", {drift}}};
  run.scores.test_values = 2400;
  return run;
}

const Section* find(const Report& report, const std::string& title) {
  for (const Section& section : report.sections) {
    if (section.title == title) return &section;
  }
  return nullptr;
}

const Chart& chart_of(const Report& report, const std::string& section, std::size_t k) {
  return find(report, section)->charts.at(k);
}

TEST(Verdict, SaysByHowMuchTheNetworkBeatsTheBestBaseline) {
  const Report report = forecast_report(scored(3, 6, 4));
  EXPECT_TRUE(report.verdict->good);
  EXPECT_EQ(report.verdict->headline, "Better than every baseline.");
  EXPECT_EQ(report.verdict->text,
            "MAE on the test part: 3 MW for the network, 4 MW for the best baseline, drift. The network is "
            "better by 25 %.");
  EXPECT_EQ(report.summary,
            "This network forecasts load up to 24 hours ahead; on 2,400 values it had not seen it was off by "
            "3 MW on average.");
}

TEST(Verdict, SaysPlainlyWhenOneBaselineIsAhead) {
  const Report report = forecast_report(scored(5, 6, 4));
  EXPECT_FALSE(report.verdict->good);
  EXPECT_EQ(report.verdict->headline, "Does not beat the baseline.");
  EXPECT_THAT(report.verdict->text,
              HasSubstr("drift. The network is worse by 25 %. On this data the simple method"));
}

TEST(Verdict, DoesNotCallADrawAVictory) {
  const Report report = forecast_report(scored(4, 6, 4));
  EXPECT_FALSE(report.verdict->good);
  EXPECT_THAT(report.verdict->text, HasSubstr("The network is no better."));
}

TEST(Verdict, NamesOtherMetricsInWhichABaselineIsAhead) {
  ForecastRun run = scored(3, 6, 4);
  run.scores.metrics.push_back({"RMSE", "MW", Better::lower, 0});
  run.scores.metrics.push_back({"coverage", "%", Better::near_goal, 80});
  run.scores.model.values = {3, 9, 78};
  run.scores.baselines = {{"naive", {6, 8, 95}}, {"drift", {4, 12, NAN}}};
  const Report report = forecast_report(run);
  EXPECT_TRUE(report.verdict->good);
  EXPECT_THAT(report.verdict->text, HasSubstr("A baseline is nevertheless better in: RMSE."));
}

TEST(Verdict, IsBadWithoutAFiniteScoreAndAbsentWithoutABaseline) {
  EXPECT_EQ(forecast_report(scored(NAN, 6, 4)).verdict->headline, "No usable score.");
  EXPECT_FALSE(forecast_report(scored(3, NAN, NAN)).verdict.has_value());
}

TEST(ScoreTable, MarksNothingWhereOnlyTheNetworkHasAValue) {
  ForecastRun run = scored(3, 6, 4);
  run.scores.metrics.push_back({"coverage", "%", Better::near_goal, 80});
  run.scores.model.values = {3, 99};
  run.scores.baselines = {{"naive", {6, NAN}}, {"drift", {4, NAN}}};
  const Report report = forecast_report(run);
  for (const auto& row : find(report, "How good is it?")->tables.at(0).rows) EXPECT_FALSE(row[2].best);
}

TEST(ScoreTable, MarksTheBestOfEachColumnByItsOwnMeasure) {
  ForecastRun run = scored(3, 6, 4);
  run.scores.metrics.push_back({"coverage", "%", Better::near_goal, 80});
  run.scores.model.values = {3, 99};
  run.scores.baselines = {{"naive", {6, 78}}, {"drift", {4, NAN}}};
  const Report report = forecast_report(run);
  const Table& table = find(report, "How good is it?")->tables.at(0);
  EXPECT_EQ(table.columns[2].title, "coverage (%), best near 80");
  EXPECT_EQ(table.emphasised_row, 0U);
  EXPECT_TRUE(table.rows[0][1].best);
  EXPECT_FALSE(table.rows[0][2].best);
  EXPECT_TRUE(table.rows[1][2].best);
  EXPECT_EQ(table.rows[2][2].text, "–");
}

TEST(ScoreTable, RefusesAScoreWithoutAValueForEachMetric) {
  ForecastRun run = scored(3, 6, 4);
  run.scores.baselines[1].values = {};
  EXPECT_THAT([&] { forecast_report(run); },
              ThrowsMessage<Error>(HasSubstr("score 'drift' has 0 values, expected 1")));
}

TEST(ForecastChart, PairsQuantilesIntoIntervalsWidestFirst) {
  ForecastRun run = scored(3, 6, 4);
  run.last = Forecast{
      {1, 2},
      {5, 6},
      {3, 4},
      {7, 8},
      {},
      {{0.25, {6, 6}}, {0.1, {5, 5}}, {0.5, {7, 8}}, {0.75, {8, 8}}, {0.9, {9, 9}}, {0.99, {20, 20}}}};
  const Report report = forecast_report(run);
  const auto& plot = std::get<LineChart>(chart_of(report, "The forecast", 0).plot);
  ASSERT_EQ(plot.bands.size(), 2U);
  EXPECT_EQ(plot.bands[0].name, "80 % interval");
  EXPECT_THAT(plot.bands[0].high, ElementsAre(9, 9));
  EXPECT_EQ(plot.bands[1].name, "50 % interval");
  ASSERT_EQ(plot.lines.size(), 2U);
  EXPECT_THAT(plot.lines[0].x, ElementsAre(1, 2));
  EXPECT_THAT(plot.lines[1].y, ElementsAre(7, 8));
  EXPECT_EQ(plot.markers.at(0).x, 3);
}

TEST(Residuals, AreCountedOnceEachInTheHistogram) {
  ForecastRun run = scored(3, 6, 4);
  for (int k = 0; k < 1000; ++k) run.residuals.push_back({k * 60.0, 1, std::sin(k * 0.7) * 3});
  run.residuals.push_back({1, 1, NAN});
  const Report report = forecast_report(run);
  const auto& plot = std::get<BarChart>(chart_of(report, "Residuals", 1).plot);
  EXPECT_EQ(std::accumulate(plot.heights.begin(), plot.heights.end(), 0.0), 1000);
  EXPECT_LE(plot.edges.front(), -2.99);
  EXPECT_GE(plot.edges.back(), 2.99);
}

TEST(Residuals, ThatAreAllEqualStillMakeAHistogram) {
  ForecastRun run = scored(3, 6, 4);
  run.residuals = {{0, 1, 2.0}, {60, 1, 2.0}, {120, 1, 2.0}};
  const Report report = forecast_report(run);
  const auto& plot = std::get<BarChart>(chart_of(report, "Residuals", 1).plot);
  EXPECT_EQ(std::accumulate(plot.heights.begin(), plot.heights.end(), 0.0), 3);
}

TEST(Residuals, OfOverlappingWindowsAreDrawnInTheOrderOfTime) {
  ForecastRun run = scored(3, 6, 4);
  for (int origin = 0; origin < 600; ++origin) {
    for (std::size_t step = 1; step <= 3; ++step) {
      const double time = 60.0 * (origin + static_cast<double>(step));
      run.residuals.push_back({time, step, time});
    }
  }
  const Report report = forecast_report(run);
  const auto& plot = std::get<LineChart>(chart_of(report, "Residuals", 0).plot);
  EXPECT_TRUE(std::is_sorted(plot.lines[0].x.begin(), plot.lines[0].x.end()));
  EXPECT_TRUE(std::is_sorted(plot.lines[0].y.begin(), plot.lines[0].y.end()));
  EXPECT_THAT(plot.lines[1].x, ElementsAre(60, 602 * 60));  // the line of no error spans them all
}

TEST(Residuals, ByStepShowMeanAndTheMiddleEightOfTen) {
  ForecastRun run = scored(3, 6, 4);
  for (int k = 0; k <= 10; ++k) {
    run.residuals.push_back({0, 1, static_cast<double>(k)});
    run.residuals.push_back({0, 2, 100.0 + k});
  }
  const Report report = forecast_report(run);
  const auto& plot = std::get<LineChart>(chart_of(report, "Residuals", 2).plot);
  EXPECT_THAT(plot.lines[0].x, ElementsAre(1, 2));
  EXPECT_THAT(plot.lines[0].y, ElementsAre(5, 105));
  EXPECT_THAT(plot.bands[0].low, ElementsAre(1, 101));
  EXPECT_THAT(plot.bands[0].high, ElementsAre(9, 109));
}

TEST(Training, IsDrawnOnALogAxisWhenTheLossFallsFar) {
  ForecastRun run = scored(3, 6, 4);
  run.epochs = {{1, 1.0, NAN, NAN}, {2, 0.01, NAN, NAN}};
  const Report report = forecast_report(run);
  ASSERT_EQ(find(report, "Training")->charts.size(), 1U);  // no learning rate was taken
  const auto& plot = std::get<LineChart>(chart_of(report, "Training", 0).plot);
  EXPECT_EQ(plot.y.scale, Scale::log);
  EXPECT_EQ(plot.lines.size(), 1U);  // no validation loss either
}

TEST(Gates, AreEachAMatrixOverTimeAndUnits) {
  ForecastRun run = scored(3, 6, 4);
  GateActivity gates;
  gates.layer = "layer 1: lstm 2";
  gates.times = {0, 1, 2};
  gates.i = gates.f = gates.o = {0, 0.5, 1, 1, 0.5, 0};
  gates.g = {-1, 0, 1, 1, 0, -1};
  gates.c = {-3, 0, 1, 2, 0, NAN};
  run.gates.push_back(gates);
  const Report report = forecast_report(run);
  const auto& charts = find(report, "Inside layer 1: lstm 2")->charts;
  ASSERT_EQ(charts.size(), 5U);
  const auto& cell = std::get<HeatMap>(charts[0].plot);
  EXPECT_EQ(cell.low, -3);
  EXPECT_EQ(cell.high, 3);
  EXPECT_EQ(cell.ramp, Ramp::diverging);
  EXPECT_EQ(std::get<HeatMap>(charts[1].plot).low, 0);
  EXPECT_FALSE(render(report).empty());
}

TEST(Gates, OfAGruAreItsOwn) {
  ForecastRun run = scored(3, 6, 4);
  GateActivity gates;
  gates.layer = "layer 1: gru 1";
  gates.times = {0, 1, 2};
  gates.z = gates.r = {0, 0.5, 1};
  gates.n = {-1, 0, 1};
  run.gates.push_back(gates);
  const Report report = forecast_report(run);
  const auto& charts = find(report, "Inside layer 1: gru 1")->charts;
  ASSERT_EQ(charts.size(), 3U);
  EXPECT_EQ(charts[0].title, "Update gate z");
  EXPECT_EQ(std::get<HeatMap>(charts[2].plot).low, -1);
}

TEST(ForecastReport, OfARunWithNothingButANameIsStillAPage) {
  ForecastRun run;
  run.target = "load";
  run.horizon = 1;
  const std::string html = render(forecast_report(run));
  EXPECT_THAT(html, HasSubstr("This network forecasts load up to 1 step ahead."));
  EXPECT_THAT(html, Not(HasSubstr("<section>")));
}

}  // namespace
}  // namespace carousel::report
