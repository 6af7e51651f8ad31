#include "tasks/anchors.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tasks/relative_inputs.h"

namespace carousel {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Two targets, scaled by (value - 1) / 2 and not at all.
struct Fixture {
  SeriesSet set;
  Windows windows;

  static SeriesSet make(const std::vector<double>& a, const std::vector<double>& b) {
    SeriesSet set;
    set.names = {"a", "b"};
    set.targets = 2;
    Series series;
    series.columns.resize(2);
    for (const double v : a) series.columns[0].push_back(v);
    for (const double v : b) series.columns[1].push_back(v);
    series.length = a.size();
    set.series.push_back(std::move(series));
    return set;
  }
  Fixture(const std::vector<double>& a, const std::vector<double>& b)
      : set(make(a, b)), windows(set, {{{1, 2}, {0, 1}}}, {3, 1, 1, false, {}}) {}

  std::vector<float> at(const Anchors& anchors, std::size_t t, std::size_t steps, bool near = false) const {
    std::vector<float> out(2 * steps);
    near ? anchors.at_or_near(windows, 0, t, out) : anchors.at(windows, 0, t, out);
    return out;
  }
};

TEST(Anchors, last_is_the_last_scaled_value) {
  const Fixture f({1, 3, 5, 7}, {10, 20, 30, 40});
  EXPECT_THAT(f.at({Anchor::last, 0, 2}, 2, 2), ElementsAre(2, 30, 2, 30));
  EXPECT_THAT(f.at({Anchor::none, 0, 2}, 2, 2), ElementsAre(0, 0, 0, 0));
}

TEST(Anchors, seasonal_is_one_season_before_the_row_forecast) {
  const Fixture f({1, 3, 5, 7}, {10, 20, 30, 40});
  // Steps 4, 5, 6 with season 2: rows 2, 3 and, as row 4 is not known, 2 again.
  EXPECT_THAT(f.at({Anchor::seasonal, 2, 3}, 3, 3), ElementsAre(2, 30, 3, 40, 2, 30));
  EXPECT_TRUE(std::isnan(f.at({Anchor::seasonal, 4, 1}, 2, 1)[0]));  // row -1
  EXPECT_THAT(f.at({Anchor::seasonal, 4, 1}, 2, 1, true), ElementsAre(2, 30));
}

TEST(Anchors, look_back_over_missing_values) {
  const Fixture f({1, 3, kNan, kNan}, {kNan, kNan, kNan, kNan});
  EXPECT_EQ(f.at({Anchor::last, 0, 1}, 3, 1)[0], 1);
  EXPECT_TRUE(std::isnan(f.at({Anchor::last, 0, 1}, 3, 1)[1]));
  EXPECT_THAT(f.at({Anchor::last, 0, 1}, 3, 1, true), ElementsAre(1, 0));
  EXPECT_EQ(f.at({Anchor::seasonal, 2, 1}, 3, 1)[0], 0);  // row 2 is missing, row 0
}

TEST(Anchors, ahead_takes_what_was_predicted) {
  const Fixture f({1, 3, 5, 7}, {10, 20, 30, 40});
  const std::vector<float> predicted = {100, 101, 200, 201};
  std::vector<float> out(2);
  const Anchors last(Anchor::last, 0, 1), seasonal(Anchor::seasonal, 2, 1);
  last.ahead(f.windows, 0, 3, 0, predicted, out);
  EXPECT_THAT(out, ElementsAre(3, 40));
  last.ahead(f.windows, 0, 3, 1, predicted, out);
  EXPECT_THAT(out, ElementsAre(100, 101));
  seasonal.ahead(f.windows, 0, 3, 1, predicted, out);
  EXPECT_THAT(out, ElementsAre(3, 40));
  seasonal.ahead(f.windows, 0, 3, 2, predicted, out);
  EXPECT_THAT(out, ElementsAre(100, 101));
}

TEST(RelativeInputs, are_free_of_level_and_leave_missing_values_alone) {
  const std::vector<double> a = {kNan, 3, 5, kNan, 9}, b = {10, 20, 30, 40, 50};
  std::vector<double> higher = b;
  for (double& v : higher) v += 1000;
  const Fixture f(a, b), g(a, higher);
  const Window window{0, 4, 5};
  Sequences<float> x, y, plain;
  RelativeInputs(f.windows, true, false).gather({&window, 1}, x);
  RelativeInputs(g.windows, true, false).gather({&window, 1}, y);
  EXPECT_THAT(x.at(0, 0), ElementsAre(0, 0));
  EXPECT_THAT(x.at(0, 1), ElementsAre(0, 10));  // a is missing
  EXPECT_THAT(x.at(0, 2), ElementsAre(2, 20));
  EXPECT_TRUE(std::ranges::equal(x.values(), y.values()));
  RelativeInputs(f.windows, false, false).gather({&window, 1}, plain);
  EXPECT_THAT(plain.at(0, 2), ElementsAre(4, 50));
}

}  // namespace
}  // namespace carousel
