#include "data/windows.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

/// Target v = 0, 1, 2, ...; past p = 100 + v; known k = 1000 + v, also for `future` rows more. Monthly.
SeriesSet make_set(std::size_t rows, std::size_t future = 0, const std::string& missing_at = "") {
  std::string text = "t,v,p,k\n";
  for (std::size_t i = 0; i < rows + future; ++i) {
    const std::string n = std::to_string(i);
    const bool empty = i >= rows || n == missing_at;
    text += std::to_string(2000 + i / 12) + "-" + (i % 12 < 9 ? "0" : "") + std::to_string(i % 12 + 1) + "," +
            (empty ? "" : n) + "," + (i >= rows ? "" : std::to_string(100 + i)) + "," +
            std::to_string(1000 + i) + "\n";
  }
  SeriesRequest request;
  request.targets = {"v"};
  request.past = {"p"};
  request.known = {"k"};
  request.missing = missing_at.empty() ? Missing::error : Missing::mask;
  CsvReader reader(text, "test.csv");
  return read_series(reader, request);
}

std::vector<float> row(const Sequences<float>& sequences, std::size_t b, std::size_t t) {
  const std::span<const float> values = sequences.at(b, t);
  return {values.begin(), values.end()};
}

TEST(WindowList, CountsTheWindowsOfEachPart) {
  const SeriesSet set = make_set(30);
  const std::vector<Split> splits = {split_rows(30, parse_split("16,6,8"))};
  const WindowList train = list_windows(set, splits, Part::train, 4, 3);
  ASSERT_EQ(train.size(), 16u - 4 - 3 + 1);
  EXPECT_EQ(train[0].origin, 3u);
  EXPECT_EQ(train[train.size() - 1].origin, 12u);
  EXPECT_EQ(train[0].end, 16u);
  const WindowList validation = list_windows(set, splits, Part::validation, 4, 3);
  ASSERT_EQ(validation.size(), 6u - 3 + 1);
  EXPECT_EQ(validation[0].origin, 15u);
  EXPECT_EQ(validation[3].origin, 18u);
  const WindowList test = list_windows(set, splits, Part::test, 4, 3);
  ASSERT_EQ(test.size(), 8u - 3 + 1);
  EXPECT_EQ(test[5].origin, 26u);
  EXPECT_EQ(list_windows(set, splits, Part::train, 14, 3).size(), 0u);
  EXPECT_EQ(list_windows(set, splits, Part::train, 13, 3).size(), 1u);
}

// The Informer protocol: 2880 test rows, horizon 24.
TEST(WindowList, AsManyAsTheInformerProtocolHas) {
  SeriesSet set;
  set.series.resize(1);
  set.series[0].length = 17420;
  const std::vector<Split> splits = {split_rows(17420, parse_split("8640,2880,2880"))};
  EXPECT_EQ(list_windows(set, splits, Part::test, 96, 24).size(), 2857u);
  EXPECT_EQ(list_windows(set, splits, Part::train, 96, 24).size(), 8521u);
}

TEST(WindowList, RunsOverSeveralSeries) {
  WindowList list;
  list.add(0, 5, 3, 20);
  list.add(1, 9, 0, 20);
  list.add(2, 7, 2, 30);
  ASSERT_EQ(list.size(), 5u);
  std::vector<std::size_t> series, origins;
  for (std::size_t i = 0; i < list.size(); ++i) {
    series.push_back(list[i].series);
    origins.push_back(list[i].origin);
  }
  EXPECT_THAT(series, ElementsAre(0, 0, 0, 2, 2));
  EXPECT_THAT(origins, ElementsAre(5, 6, 7, 7, 8));
}

TEST(WindowList, SpreadsAndShuffles) {
  WindowList list;
  list.add(0, 0, 101, 200);
  EXPECT_THAT(list.spread(5), ElementsAre(0, 25, 50, 75, 100));
  EXPECT_THAT(list.spread(1), ElementsAre(0));
  EXPECT_TRUE(list.spread(0).empty());
  EXPECT_EQ(list.spread(1000).size(), 101u);
  const std::vector<std::size_t> first = list.shuffled(7, 0);
  EXPECT_EQ(first, list.shuffled(7, 0));
  EXPECT_NE(first, list.shuffled(7, 1));
  EXPECT_NE(first, list.shuffled(8, 0));
  std::vector<std::size_t> sorted = first, all(101);
  std::sort(sorted.begin(), sorted.end());
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(sorted, all);
}

TEST(Windows, InputsAndTargetsStandWhereTheHeaderSays) {
  const SeriesSet set = make_set(30);
  WindowSettings settings{.context = 3, .horizon = 2, .known_steps = 2};
  const Windows windows(set, {{{0, 1}, {100, 2}, {1000, 1}}}, settings);
  EXPECT_THAT(windows.input_names(), ElementsAre("v", "p", "k+1", "k+2"));
  Sequences<float> x, y;
  const std::vector<Window> batch = {{0, 10, 12}, {0, 1, 30}};
  windows.gather(batch, x, y);
  EXPECT_THAT(x.layout().lengths(), ElementsAre(3, 2));
  EXPECT_THAT(row(x, 0, 0), ElementsAre(8, 4, 9, 10));
  EXPECT_THAT(row(x, 0, 2), ElementsAre(10, 5, 11, 12));
  EXPECT_THAT(row(y, 0, 0), ElementsAre(9, 10));
  EXPECT_THAT(row(y, 0, 2), ElementsAre(11, IsNan()));  // row 12 is beyond the part
  EXPECT_THAT(row(x, 1, 1), ElementsAre(1, 0.5F, 2, 3));
  EXPECT_THAT(row(y, 1, 1), ElementsAre(2, 3));
}

TEST(Windows, SeveralTargetsStepByStep) {
  CsvReader reader("a,b\n1,10\n2,20\n3,30\n4,40\n", "test.csv");
  SeriesRequest request;
  request.targets = {"a", "b"};
  const SeriesSet set = read_series(reader, request);
  const Windows windows(set, {Scalers(2)}, {.context = 1, .horizon = 2});
  Sequences<float> x, y;
  const Window window{0, 1, 4};
  windows.gather({&window, 1}, x, y);
  EXPECT_THAT(row(y, 0, 0), ElementsAre(3, 30, 4, 40));
}

TEST(Windows, MissingValuesHaveIndicators) {
  const SeriesSet set = make_set(12, 0, "5");
  WindowSettings settings{.context = 2, .horizon = 1, .missing_indicators = true};
  const Windows windows(set, {{{0, 1}, {100, 1}, {1000, 1}}}, settings);
  EXPECT_THAT(windows.input_names(), ElementsAre("v", "p", "v missing", "p missing", "k+1"));
  Sequences<float> x, y;
  const Window window{0, 5, 12};
  windows.gather({&window, 1}, x, y);
  EXPECT_THAT(row(x, 0, 0), ElementsAre(4, 4, 0, 0, 5));
  EXPECT_THAT(row(x, 0, 1), ElementsAre(0, 5, 1, 0, 6));
  EXPECT_THAT(row(y, 0, 0), ElementsAre(IsNan()));
}

TEST(Windows, TheCalendarIsThatOfTheNextStepAlsoBeyondTheEnd) {
  const SeriesSet set = make_set(24, 1);
  WindowSettings settings{.context = 24, .horizon = 1, .calendar = calendar_features(set.frequency)};
  const Windows windows(set, {Scalers(3)}, settings);
  ASSERT_EQ(windows.inputs(), 5u);
  Sequences<float> x;
  const Window window = windows.last_window(0, 1);
  EXPECT_EQ(window.origin, 23u);
  windows.gather_inputs({&window, 1}, x);
  for (std::size_t t = 0; t < 24; ++t) {
    const double angle = 2 * 3.14159265358979323846 * static_cast<double>((t + 1) % 12) / 12;
    EXPECT_NEAR(x.at(0, t)[3], std::sin(angle), 1e-7);
    EXPECT_NEAR(x.at(0, t)[4], std::cos(angle), 1e-7);
  }
}

TEST(Windows, RecursiveRowsTakePredictionsForTargets) {
  const SeriesSet set = make_set(12, 4);
  const Windows windows(set, {{{0, 1}, {100, 1}, {1000, 1}}}, {.context = 4, .horizon = 1});
  std::vector<float> out(windows.inputs());
  const float predicted = 77;
  windows.input_row_ahead(0, 13, 11, {&predicted, 1}, out);
  EXPECT_THAT(out, ElementsAre(77, 11, 14));
}

TEST(Windows, LaggedTargetsStandBetweenKnownCovariatesAndCalendar) {
  const SeriesSet set = make_set(30);
  const Windows windows(set, {{{10, 2}, {100, 2}, {1000, 1}}},
                        {.context = 2,
                         .horizon = 2,
                         .known_steps = 2,
                         .calendar = {CalendarFeature::month_of_year},
                         .lags = {12, 5}});
  EXPECT_THAT(windows.input_names(), ElementsAre("v", "p", "k+1", "k+2", "v+1-12", "v+2-12", "v+1-5", "v+2-5",
                                                 "month_of_year sine", "month_of_year cosine"));
  std::vector<float> out(windows.inputs());
  windows.input_row(0, 20, out);
  // Rows 21 and 22, less 12 and less 5: 9, 10, 16 and 17, of which 10 is taken off before they are halved.
  const std::vector<float> before_calendar(out.begin(), out.begin() + 8);
  EXPECT_THAT(before_calendar, ElementsAre(5, 10, 21, 22, -0.5F, 0, 3, 3.5F));
  EXPECT_THAT(windows.lagged(out), ElementsAre(-0.5F, 0, 3, 3.5F));
}

TEST(Windows, LaggedTargetsStepByStep) {
  CsvReader reader("a,b\n1,10\n2,20\n3,30\n4,40\n", "test.csv");
  SeriesRequest request;
  request.targets = {"a", "b"};
  const SeriesSet set = read_series(reader, request);
  const Windows windows(set, {Scalers(2)}, {.context = 1, .horizon = 2, .known_steps = 2, .lags = {3, 2}});
  std::vector<float> out(windows.inputs());
  windows.input_row(0, 2, out);
  EXPECT_THAT(out, ElementsAre(3, 30, 1, 10, 2, 20, 2, 20, 3, 30));
}

TEST(Windows, ALaggedTargetThatIsNotThereIsTheOneALagBeforeOrZero) {
  CsvReader reader("v\n7\n8\nNA\nNA\nNA\nNA\nNA\n9\n", "test.csv");
  SeriesRequest request;
  request.missing = Missing::mask;
  const SeriesSet set = read_series(reader, request);
  const auto lagged = [&](std::size_t lag, std::size_t t) {
    const Windows windows(set, {{{6, 1}}}, {.context = 1, .horizon = 1, .lags = {lag}});
    std::vector<float> out(windows.inputs());
    windows.input_row(0, t, out);
    EXPECT_EQ(std::isnan(windows.lagged_target(0, t, 0)), out[1] == 0);
    return out[1];
  };
  EXPECT_EQ(lagged(3, 2), 1);  // row 0
  EXPECT_EQ(lagged(3, 1), 0);  // before the begin
  EXPECT_EQ(lagged(3, 6), 2);  // row 4 is missing, row 1
  EXPECT_EQ(lagged(3, 4), 0);  // row 2 is missing, and nothing lies before
  EXPECT_EQ(lagged(1, 4), 2);  // rows 4, 3, 2 are missing, row 1
  EXPECT_EQ(lagged(1, 5), 0);  // rows 5 to 2 are missing, and four are tried
}

TEST(Windows, LaggedTargetsOfRowsAheadAreThoseOfTheFile) {
  const SeriesSet set = make_set(12, 4);
  const Windows windows(set, {{{0, 1}, {100, 1}, {1000, 1}}}, {.context = 4, .horizon = 1, .lags = {4}});
  std::vector<float> out(windows.inputs());
  const float predicted = 77;
  windows.input_row_ahead(0, 13, 11, {&predicted, 1}, out);
  EXPECT_THAT(out, ElementsAre(77, 11, 14, 10));
}

TEST(Windows, TheFutureOfKnownCovariatesMustBeThere) {
  const SeriesSet set = make_set(12, 3);
  const Windows windows(set, {Scalers(3)}, {.context = 4, .horizon = 4});
  EXPECT_EQ(windows.last_window(0, 3).origin, 11u);
  try {
    windows.last_window(0, 4);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("column 'k': no value for 2001-04-01"));
  }
}

TEST(Windows, BatchMatesDoNotMatter) {
  const SeriesSet set = make_set(40);
  const Windows windows(set, {{{3, 7}, {1, 3}, {5, 11}}},
                        {.context = 5, .horizon = 3, .calendar = calendar_features(set.frequency)});
  const std::vector<Window> batch = {{0, 9, 40}, {0, 2, 40}, {0, 20, 22}, {0, 0, 40}};
  Sequences<float> x, y, x_alone, y_alone;
  windows.gather(batch, x, y);
  for (std::size_t b = 0; b < batch.size(); ++b) {
    windows.gather({&batch[b], 1}, x_alone, y_alone);
    for (std::size_t t = 0; t < x.layout().length(b); ++t) {
      EXPECT_EQ(std::memcmp(x.at(b, t).data(), x_alone.at(0, t).data(), x.features() * sizeof(float)), 0);
      EXPECT_EQ(std::memcmp(y.at(b, t).data(), y_alone.at(0, t).data(), y.features() * sizeof(float)), 0);
    }
  }
}

TEST(Windows, SettingsThatDoNotFitAreRefused) {
  const SeriesSet set = make_set(12);
  const std::vector<Scalers> scalers = {Scalers(3)};
  EXPECT_THROW(Windows(set, scalers, {.context = 0, .horizon = 1}), SettingError);
  EXPECT_THROW(Windows(set, scalers, {.context = 1, .horizon = 0}), SettingError);
  EXPECT_THROW(Windows(set, scalers, {.context = 1, .horizon = 2, .known_steps = 3}), SettingError);
  EXPECT_THROW(Windows(set, scalers, {.context = 1, .horizon = 2, .known_steps = 2, .lags = {2, 1}}),
               SettingError);
  EXPECT_THROW(Windows(set, {}, {.context = 1, .horizon = 1}), Error);
  EXPECT_THROW(Windows(set, {Scalers(2)}, {.context = 1, .horizon = 1}), Error);
  CsvReader reader("v\n1\n2\n", "test.csv");
  const SeriesSet timeless = read_series(reader, {});
  EXPECT_THROW(Windows(timeless, {Scalers(1)},
                       {.context = 1, .horizon = 1, .calendar = {CalendarFeature::month_of_year}}),
               SettingError);
}

TEST(Windows, StaticInputsStandLastInEveryRowOfTheirSeries) {
  CsvReader reader(std::string_view("shop,v,k\na,1,5\na,2,6\na,3,7\nb,4,8\nb,5,9\nb,6,10\n"), "test.csv");
  SeriesRequest request;
  request.id = "shop";
  request.targets = {"v"};
  request.known = {"k"};
  const SeriesSet set = read_series(reader, request);
  const Windows windows(set, {Scalers(2)}, {.context = 2, .horizon = 1}, {{0.5F, -1.0F}, {0.25F, 2.0F}});
  EXPECT_EQ(windows.inputs(), 4U);
  EXPECT_THAT(windows.input_names(), ElementsAre("v", "k+1", "static 1", "static 2"));
  const std::vector<Window> chosen{{1, 1, 3}, {0, 1, 3}};
  Sequences<float> x, y;
  windows.gather(chosen, x, y);
  for (std::size_t t = 0; t < 2; ++t) {
    EXPECT_THAT(x.at(0, t), ElementsAre(static_cast<float>(4 + t), static_cast<float>(9 + t), 0.25F, 2.0F));
    EXPECT_THAT(x.at(1, t), ElementsAre(static_cast<float>(1 + t), static_cast<float>(6 + t), 0.5F, -1.0F));
  }
  std::vector<float> row(4);
  const float predicted = 40;
  windows.input_row_ahead(1, 2, 1, {&predicted, 1}, row);
  EXPECT_THAT(row, ElementsAre(40.0F, 0.0F, 0.25F, 2.0F));
  EXPECT_THROW(Windows(set, {Scalers(2)}, {.context = 2, .horizon = 1}, {{1.0F}}), Error);
  EXPECT_THROW(Windows(set, {Scalers(2)}, {.context = 2, .horizon = 1}, {{1.0F}, {}}), Error);
}

}  // namespace
}  // namespace carousel
