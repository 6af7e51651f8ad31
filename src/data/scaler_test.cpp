#include "data/scaler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Series series_of(const std::vector<double>& values) {
  Series series;
  series.length = values.size();
  series.columns.resize(1);
  for (const double value : values) series.columns[0].push_back(value);
  return series;
}

SeriesSet set_of(const std::vector<std::vector<double>>& all) {
  SeriesSet set;
  set.names = {"v"};
  set.targets = 1;
  for (const auto& values : all) set.series.push_back(series_of(values));
  return set;
}

// The expected figures: sklearn's StandardScaler and MinMaxScaler divide by n and by max - min.
TEST(Scaler, FitsTheTrainingPartOnly) {
  const SeriesSet set = set_of({{2, 4, 4, 4, 5, 5, 7, 9, 1e9}});
  const std::vector<Split> splits = {{{0, 8}, {8, 9}, {9, 9}}};
  EXPECT_EQ(fit_scalers(set, splits, Scaling::standard)[0], (Scaler{5, 2}));
  EXPECT_EQ(fit_scalers(set, splits, Scaling::minmax)[0], (Scaler{2, 7}));
  EXPECT_EQ(fit_scalers(set, splits, Scaling::none)[0], (Scaler{0, 1}));
}

TEST(Scaler, PoolsAllSeriesAndLeavesMissingValuesOut) {
  const SeriesSet set = set_of({{2, kNan, 4, 4, 4}, {5, 5, 7, 9, kNan}});
  const std::vector<Split> splits = {{{0, 5}, {}, {}}, {{0, 5}, {}, {}}};
  EXPECT_EQ(fit_scalers(set, splits, Scaling::standard)[0], (Scaler{5, 2}));
  EXPECT_EQ(fit_scalers(set.series[1], {0, 2}, Scaling::standard)[0], (Scaler{5, 1}));
  EXPECT_THROW(fit_scalers(set, std::vector<Split>(1), Scaling::standard), Error);
}

TEST(Scaler, ConstantAndEmptyColumnsKeepScaleOne) {
  const std::vector<double> constant(1000, 0.1);
  for (const Scaling scaling : {Scaling::standard, Scaling::minmax}) {
    EXPECT_EQ(fit_scalers(series_of(constant), {0, 1000}, scaling)[0].scale, 1);
    EXPECT_NEAR(fit_scalers(series_of(constant), {0, 1000}, scaling)[0].offset, 0.1, 1e-16);
    EXPECT_EQ(fit_scalers(series_of({kNan, kNan}), {0, 2}, scaling)[0], Scaler{});
  }
}

TEST(Scaler, SumsDoNotLoseSmallDifferences) {
  std::vector<double> values;
  for (int i = 0; i < 100000; ++i) values.push_back(1e9 + (i % 2));
  const Scaler scaler = fit_scalers(series_of(values), {0, values.size()}, Scaling::standard)[0];
  EXPECT_EQ(scaler.offset, 1e9 + 0.5);
  EXPECT_EQ(scaler.scale, 0.5);
}

TEST(Scaler, AppliesAndInverts) {
  const Scaler scaler{5, 2};
  EXPECT_EQ(scaler.apply(9), 2);
  EXPECT_EQ(scaler.invert(2), 9);
  EXPECT_TRUE(std::isnan(scaler.apply(kNan)));
  EXPECT_EQ(parse_scaling("minmax"), Scaling::minmax);
  EXPECT_EQ(name(Scaling::standard), "standard");
  EXPECT_THROW(parse_scaling("standart"), SettingError);
}

}  // namespace
}  // namespace carousel
