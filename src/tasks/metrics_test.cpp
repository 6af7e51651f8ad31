#include "tasks/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace carousel {
namespace {

constexpr double kNan = ForecastMetrics::kUndefined;

TEST(Metrics, agree_with_values_worked_out_by_hand) {
  MetricSums sums;
  // errors 2, -1, 0; |y|: 10, 4, 5; f: 8, 5, 5
  sums.add(10, 8, {}, {2, 4});
  sums.add(4, 5, {}, {2, 4});
  sums.add(5, 5, {}, {2, 4});
  const ForecastMetrics m = sums.metrics();
  EXPECT_EQ(m.count, 3);
  EXPECT_DOUBLE_EQ(m.mse, 5.0 / 3);
  EXPECT_DOUBLE_EQ(m.rmse, std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(m.mae, 1);
  EXPECT_DOUBLE_EQ(m.mape, (20.0 + 25.0 + 0) / 3);
  EXPECT_DOUBLE_EQ(m.wape, 100 * 3.0 / 19);
  EXPECT_DOUBLE_EQ(m.smape, 200 * (2.0 / 18 + 1.0 / 9 + 0) / 3);
  EXPECT_DOUBLE_EQ(m.mase, 0.5);
  EXPECT_DOUBLE_EQ(m.mse_standardised, 5.0 / 3 / 16);
  EXPECT_DOUBLE_EQ(m.mae_standardised, 0.25);
  EXPECT_TRUE(std::isnan(m.pinball));
  EXPECT_TRUE(std::isnan(m.coverage));
}

TEST(Metrics, pinball_and_coverage_of_quantiles) {
  const std::vector<double> levels = {0.1, 0.5, 0.9};
  MetricSums sums(levels);
  sums.add(10, 9, std::vector<double>{8, 9, 11}, {});     // 0.1 * 2, 0.5 * 1, 0.1 * 1
  sums.add(10, 13, std::vector<double>{11, 13, 14}, {});  // 0.9 * 1, 0.5 * 3, 0.1 * 4
  sums.add(14, 13, std::vector<double>{11, 13, 14}, {});  // 0.1 * 3, 0.5 * 1, 0
  const ForecastMetrics m = sums.metrics();
  EXPECT_NEAR(m.pinball, (0.2 + 0.5 + 0.1 + 0.9 + 1.5 + 0.4 + 0.3 + 0.5) / 9, 1e-15);
  EXPECT_DOUBLE_EQ(m.coverage, 2.0 / 3);  // a value on the border is inside
}

TEST(Metrics, say_when_they_are_undefined) {
  MetricSums sums;
  sums.add(0, 1, {}, {});
  sums.add(2, 1, {}, {});
  const ForecastMetrics m = sums.metrics();
  EXPECT_TRUE(std::isnan(m.mape));  // a true value is 0
  EXPECT_DOUBLE_EQ(m.smape, 200 * (1.0 + 1.0 / 3) / 2);
  EXPECT_TRUE(std::isnan(m.mase));
  EXPECT_TRUE(std::isnan(m.mse_standardised));
  EXPECT_DOUBLE_EQ(m.mae, 1);

  MetricSums constant;  // seasonal naive without any error in training
  constant.add(2, 1, {}, {0, 1});
  EXPECT_TRUE(std::isnan(constant.metrics().mase));
  EXPECT_DOUBLE_EQ(constant.metrics().mse_standardised, 1);

  EXPECT_TRUE(std::isnan(MetricSums().metrics().rmse));
}

TEST(Metrics, leave_missing_values_out_and_count_nothing_as_no_error) {
  MetricSums sums;
  sums.add(kNan, 1, {}, {});
  sums.add(0, 0, {}, {});
  const ForecastMetrics m = sums.metrics();
  EXPECT_EQ(m.count, 1);
  EXPECT_EQ(m.smape, 0);
  EXPECT_EQ(m.mse, 0);
  EXPECT_TRUE(std::isnan(m.wape));  // all true values are 0
}

TEST(Metrics, small_errors_beside_large_ones_are_not_lost) {
  MetricSums sums;
  sums.add(1e8, 0, {}, {});
  for (int i = 0; i < 1000; ++i) sums.add(0.5, 0, {}, {});
  EXPECT_EQ(sums.metrics().mse, (1e16 + 250) / 1001);
}

}  // namespace
}  // namespace carousel
