#include "tasks/target_log.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace carousel {
namespace {

SeriesSet make_set(std::size_t rows, const std::function<double(std::size_t)>& value) {
  SeriesSet set;
  set.source = "x.csv";
  set.names = {"y"};
  set.targets = 1;
  Series series;
  series.columns.resize(1);
  for (std::size_t row = 0; row < rows; ++row) series.columns[0].push_back(value(row));
  series.length = rows;
  set.series.push_back(std::move(series));
  return set;
}

bool suits(std::size_t rows, const std::function<double(std::size_t)>& value) {
  const SeriesSet set = make_set(rows, value);
  const std::vector<Split> splits = {{{0, rows}, {rows, rows}, {rows, rows}}};
  return log_suits(set, splits, 0, 12);
}

double swing(std::size_t row) { return row % 2 == 0 ? 1 : -1; }

TEST(TargetLog, suits_a_spread_that_grows_with_the_level) {
  EXPECT_TRUE(
      suits(96, [](std::size_t r) { return std::exp(0.03 * static_cast<double>(r)) * (10 + swing(r)); }));
}

TEST(TargetLog, does_not_suit_a_spread_that_stays) {
  EXPECT_FALSE(suits(96, [](std::size_t r) { return 50 + static_cast<double>(r) + 10 * swing(r); }));
}

TEST(TargetLog, does_not_suit_values_that_are_not_positive_or_too_few) {
  const auto growing = [](std::size_t r) {
    return std::exp(0.03 * static_cast<double>(r)) * (10 + swing(r));
  };
  EXPECT_FALSE(suits(96, [&](std::size_t r) { return r == 50 ? 0 : growing(r); }));
  EXPECT_FALSE(suits(47, growing));  // three blocks of a season
}

TEST(TargetLog, exp_gives_back_what_log_took) {
  SeriesSet set = make_set(1000, [](std::size_t r) { return 1e-3 * std::pow(1.05, static_cast<double>(r)); });
  const SeriesSet before =
      make_set(1000, [](std::size_t r) { return 1e-3 * std::pow(1.05, static_cast<double>(r)); });
  take_log(set, 0);
  for (std::size_t r = 0; r < 1000; ++r) {
    const double value = before.series[0].columns[0][r];
    EXPECT_NEAR(set.series[0].columns[0][r], std::log(value), 1e-14 * (1 + std::abs(std::log(value))));
    EXPECT_NEAR(exp_of_target(set.series[0].columns[0][r]) / value, 1, 1e-13);
  }
}

TEST(TargetLog, missing_stays_missing_and_zero_is_refused_with_its_row) {
  SeriesSet set =
      make_set(4, [](std::size_t r) { return r == 1 ? std::numeric_limits<double>::quiet_NaN() : 2.0; });
  take_log(set, 0);
  EXPECT_TRUE(std::isnan(set.series[0].columns[0][1]));
  SeriesSet zero = make_set(4, [](std::size_t r) { return r == 2 ? 0.0 : 2.0; });
  try {
    take_log(zero, 0);
    FAIL() << "0 was taken";
  } catch (const DataError& error) {
    EXPECT_STREQ(
        error.what(),
        "x.csv, column 'y': found 0 in row 3 of the series, expected a value above 0 for transform log");
  }
}

}  // namespace
}  // namespace carousel
