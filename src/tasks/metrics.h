// How good forecasts are, in the units of the data.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include "base/compensated_sum.h"

namespace carousel {

/// What cannot be told is NaN.
struct ForecastMetrics {
  static constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

  std::size_t count = 0;  ///< true values compared with; missing ones are left out
  double mse = kUndefined, rmse = kUndefined, mae = kUndefined;
  /// Percent: mean of |y - f| / |y|. Undefined where a true value is 0.
  double mape = kUndefined;
  /// Percent: sum of |y - f| / sum of |y|, which small true values do not blow up (the MAPE of Cui, Ahmad,
  /// Hawkins 2016, "Continuous Online Sequence Learning with an Unsupervised Neural Network Model").
  double wape = kUndefined;
  /// Percent: mean of 200 |y - f| / (|y| + |f|), 0 where both are 0 (M4: Makridakis, Spiliotis,
  /// Assimakopoulos 2018).
  double smape = kUndefined;
  /// Mean of |y - f| / (mean absolute error of the seasonal naive forecast one season ahead inside the
  /// training part) (Hyndman, Koehler 2006).
  double mase = kUndefined;
  /// MSE and MAE of the series brought to mean 0 and standard deviation 1 on the training part.
  double mse_standardised = kUndefined, mae_standardised = kUndefined;
  /// Mean pinball loss over the quantiles, and the share of true values between the lowest and the highest of
  /// them. Undefined where there are no quantiles.
  double pinball = kUndefined, coverage = kUndefined;
};

/// Adds forecasts up to metrics; sums are compensated, in the order of calls.
class MetricSums {
 public:
  /// Of one series: MASE is scaled by mase_scale, the standardised errors by deviation (NaN: undefined).
  struct Scale {
    double mase_scale = ForecastMetrics::kUndefined;
    double deviation = ForecastMetrics::kUndefined;
  };
  /// levels: the quantiles' levels, ascending; may be empty.
  explicit MetricSums(std::span<const double> levels = {}) : levels_(levels) {}

  /// truth NaN: left out. quantiles: one value a level, ascending.
  void add(double truth, double forecast, std::span<const double> quantiles, const Scale& scale);
  ForecastMetrics metrics() const;

 private:
  std::span<const double> levels_;
  std::size_t count_ = 0, inside_ = 0;
  CompensatedSum squared_, absolute_, truth_, percent_, symmetric_, scaled_, squared_standard_,
      absolute_standard_, pinball_;
};

}  // namespace carousel
