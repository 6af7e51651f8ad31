// Columns brought to a common size: an affine map, fitted on the training part only.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "data/series.h"
#include "data/split.h"

namespace carousel {

/// none: as they are. standard: mean 0, standard deviation 1 (of the population: divided by n).
/// minmax: from 0 to 1. window: by what a window itself holds; a scaler of a column, fitted once, is none
/// then.
enum class Scaling { none, standard, minmax, window };

std::string_view name(Scaling scaling) noexcept;
/// The inverse; throws SettingError with the nearest name.
Scaling parse_scaling(std::string_view name);

/// scaled = (value - offset) / scale, in double. NaN stays NaN.
struct Scaler {
  double offset = 0, scale = 1;
  double apply(double value) const noexcept { return (value - offset) / scale; }
  double invert(double scaled) const noexcept { return scaled * scale + offset; }
  bool operator==(const Scaler&) const = default;
};

/// One scaler a column of Series::columns.
using Scalers = std::vector<Scaler>;

/// Fitted over the training rows of all series together. NaN is left out; a constant column, or one without
/// values, gets scale 1. One split a series. Sums are compensated and in a fixed order.
Scalers fit_scalers(const SeriesSet& set, std::span<const Split> splits, Scaling scaling);

/// Fitted over the given rows of one series.
Scalers fit_scalers(const Series& series, Range rows, Scaling scaling);

}  // namespace carousel
