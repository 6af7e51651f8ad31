#include "data/scaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/compensated_sum.h"
#include "base/suggest.h"
#include "carousel/error.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"none", "standard", "minmax", "window"};

/// Rows of one series, and which.
struct Stretch {
  const Series* series;
  Range rows;
};

template <class Visit>
void for_each_value(std::span<const Stretch> stretches, std::size_t column, Visit visit) {
  for (const Stretch& stretch : stretches) {
    const Column<double>& values = stretch.series->columns[column];
    for (std::size_t i = stretch.rows.begin; i < std::min(stretch.rows.end, values.size()); ++i) {
      if (!std::isnan(values[i])) visit(values[i]);
    }
  }
}

Scaler fit_standard(std::span<const Stretch> stretches, std::size_t column) {
  CompensatedSum sum, squares;
  double count = 0;
  for_each_value(stretches, column, [&](double value) {
    sum.add(value);
    ++count;
  });
  if (count == 0) return {};
  const double mean = sum.value() / count;
  for_each_value(stretches, column, [&](double value) { squares.add((value - mean) * (value - mean)); });
  const double deviation = std::sqrt(squares.value() / count);
  // What is left of a constant column is the rounding error of its mean.
  const bool constant = !(deviation > 1e-14 * std::abs(mean)) || !std::isfinite(deviation);
  return {mean, constant ? 1.0 : deviation};
}

Scaler fit_minmax(std::span<const Stretch> stretches, std::size_t column) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for_each_value(stretches, column, [&](double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  });
  if (low > high) return {};
  const double range = high - low;
  return {low, range > 0 && std::isfinite(range) ? range : 1.0};
}

Scalers fit(std::span<const Stretch> stretches, std::size_t columns, Scaling scaling) {
  Scalers scalers(columns);
  for (std::size_t column = 0; column < columns; ++column) {
    if (scaling == Scaling::standard) scalers[column] = fit_standard(stretches, column);
    if (scaling == Scaling::minmax) scalers[column] = fit_minmax(stretches, column);
  }
  return scalers;
}

}  // namespace

std::string_view name(Scaling scaling) noexcept { return kNames[static_cast<std::size_t>(scaling)]; }

Scaling parse_scaling(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Scaling>(i);
  }
  const std::vector<std::string> names(kNames.begin(), kNames.end());
  throw SettingError(fmt::format("scaling: there is no '{}'; {}", name, suggestion(name, names)));
}

Scalers fit_scalers(const SeriesSet& set, std::span<const Split> splits, Scaling scaling) {
  if (splits.size() != set.series.size()) {
    throw Error(fmt::format("[fit_scalers] expected {} splits, one a series, got {}", set.series.size(),
                            splits.size()));
  }
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < splits.size(); ++i) stretches.push_back({&set.series[i], splits[i].train});
  return fit(stretches, set.names.size(), scaling);
}

Scalers fit_scalers(const Series& series, Range rows, Scaling scaling) {
  const Stretch stretch{&series, rows};
  return fit({&stretch, 1}, series.columns.size(), scaling);
}

}  // namespace carousel
