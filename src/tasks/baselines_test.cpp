#include "tasks/baselines.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

namespace carousel {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> forecast(Baseline baseline, const std::vector<double>& values, std::size_t origin,
                             std::size_t season, std::size_t steps) {
  std::size_t first = 0;
  while (first < values.size() && std::isnan(values[first])) ++first;
  std::vector<double> out(steps);
  forecast_baseline(
      baseline, [&](std::size_t row) { return values.at(row); }, first, origin, season, out);
  return out;
}

const std::vector<double> kValues = {1, 5, 2, 7, 4, 9};

TEST(Baselines, naive_repeats_the_last_value) {
  EXPECT_THAT(forecast(Baseline::naive, kValues, 4, 1, 3), ElementsAre(4, 4, 4));
}

TEST(Baselines, seasonal_naive_repeats_the_last_season) {
  EXPECT_THAT(forecast(Baseline::seasonal_naive, kValues, 5, 3, 7), ElementsAre(7, 4, 9, 7, 4, 9, 7));
}

TEST(Baselines, drift_goes_on_along_the_line_from_first_to_last) {
  EXPECT_THAT(forecast(Baseline::drift, kValues, 4, 1, 2), ElementsAre(4.75, 5.5));  // slope 3 / 4
  EXPECT_THAT(forecast(Baseline::drift, kValues, 0, 1, 2), ElementsAre(1, 1));
}

TEST(Baselines, look_no_further_than_the_origin) {
  // at() throws for any row after the origin.
  const std::vector<double> known(kValues.begin(), kValues.begin() + 4);
  for (const Baseline baseline : {Baseline::naive, Baseline::seasonal_naive, Baseline::drift})
    EXPECT_EQ(forecast(baseline, known, 3, 2, 5), forecast(baseline, kValues, 3, 2, 5));
}

TEST(Baselines, look_back_over_missing_values) {
  const std::vector<double> values = {kNan, 2, 3, 4, kNan, kNan};
  EXPECT_THAT(forecast(Baseline::naive, values, 5, 1, 1), ElementsAre(4));
  EXPECT_THAT(forecast(Baseline::drift, values, 5, 1, 1), ElementsAre(7));
  // Row 6 from row 4 (missing), row 2; row 7 from row 5 (missing), row 3; row 8 as row 6.
  EXPECT_THAT(forecast(Baseline::seasonal_naive, values, 5, 2, 3), ElementsAre(3, 4, 3));
}

TEST(Baselines, seasonal_naive_becomes_naive_where_there_is_no_season_yet) {
  EXPECT_THAT(forecast(Baseline::seasonal_naive, kValues, 1, 4, 4), ElementsAre(5, 5, 1, 5));
}

TEST(Baselines, nothing_known_gives_nothing) {
  EXPECT_TRUE(std::isnan(forecast(Baseline::naive, {kNan, kNan, 1}, 1, 1, 1)[0]));
}

}  // namespace
}  // namespace carousel
