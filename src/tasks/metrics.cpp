#include "tasks/metrics.h"

#include <algorithm>
#include <cmath>

namespace carousel {

void MetricSums::add(double truth, double forecast, std::span<const double> quantiles, const Scale& scale) {
  if (std::isnan(truth)) return;
  ++count_;
  const double error = truth - forecast, size = std::abs(error);
  const double level = std::abs(truth) + std::abs(forecast);
  squared_.add(error * error);
  absolute_.add(size);
  truth_.add(std::abs(truth));
  percent_.add(truth == 0 ? ForecastMetrics::kUndefined : 100 * size / std::abs(truth));
  symmetric_.add(level == 0 ? 0 : 200 * size / level);
  scaled_.add(size / scale.mase_scale);
  squared_standard_.add((error / scale.deviation) * (error / scale.deviation));
  absolute_standard_.add(size / scale.deviation);
  if (quantiles.empty()) return;
  inside_ += truth >= quantiles.front() && truth <= quantiles.back() ? 1 : 0;
  double pinball = 0;
  for (std::size_t q = 0; q < quantiles.size(); ++q) {
    const double above = truth - quantiles[q];
    pinball += above > 0 ? levels_[q] * above : (levels_[q] - 1) * above;
  }
  pinball_.add(pinball / static_cast<double>(quantiles.size()));
}

ForecastMetrics MetricSums::metrics() const {
  ForecastMetrics m;
  m.count = count_;
  if (count_ == 0) return m;
  const double n = static_cast<double>(count_);
  // A scale of 0 divides by 0: infinite or NaN means undefined.
  const auto defined = [](double value) {
    return std::isfinite(value) ? value : ForecastMetrics::kUndefined;
  };
  const auto mean = [&](const CompensatedSum& sum) { return defined(sum.value() / n); };
  m.mse = mean(squared_);
  m.rmse = std::sqrt(m.mse);
  m.mae = mean(absolute_);
  m.mape = mean(percent_);
  m.wape = defined(100 * absolute_.value() / truth_.value());
  m.smape = mean(symmetric_);
  m.mase = mean(scaled_);
  m.mse_standardised = mean(squared_standard_);
  m.mae_standardised = mean(absolute_standard_);
  if (levels_.empty()) return m;
  m.pinball = mean(pinball_);
  m.coverage = static_cast<double>(inside_) / n;
  return m;
}

}  // namespace carousel
