// Forecasts that anybody can make, to judge a model by.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace carousel {

enum class Baseline {
  /// The last value.
  naive,
  /// The value one season before, or as many seasons as it takes to be known.
  seasonal_naive,
  /// The line through the first and the last value.
  drift
};

/// "naive", "seasonal naive", "drift"
std::string_view name(Baseline baseline) noexcept;

/// A series of one target as a function of the row, in the units of the data; NaN: missing.
using ValueAt = std::function<double(std::size_t row)>;

/// out[j]: the forecast of row origin + 1 + j from the rows up to origin. Missing values are looked back
/// over: naive and drift take the last value there is, seasonal naive the same phase of earlier seasons and
/// then naive. NaN where there is nothing. first: the first row that has a value. season: at least 1 for
/// seasonal naive.
void forecast_baseline(Baseline baseline, const ValueAt& value, std::size_t first, std::size_t origin,
                       std::size_t season, std::span<double> out);

}  // namespace carousel
