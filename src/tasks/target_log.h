// The logarithm of targets, for series whose spread grows with their level. log and exp are the project's
// own, so that the same file gives the same bits on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/series.h"
#include "data/split.h"

namespace carousel {

/// Does the logarithm suit a target (column k)? Where all its values are above 0 and, over blocks of one
/// season of the training parts (of 12 rows without a season; at least 4 blocks of 2 values), the standard
/// deviation divided by the mean varies less than the standard deviation itself, both measured by their
/// coefficient of variation: Guerrero, 1993, "Time-series analysis supported by power transformations", for
/// the powers 0 and 1. Series count by their blocks.
bool log_suits(const SeriesSet& set, std::span<const Split> splits, std::size_t k, std::size_t season);

/// Replaces target k of all series by its logarithm. Throws DataError naming series and row for
/// a value that is not above 0.
void take_log(SeriesSet& set, std::size_t k);
/// The inverse, of one value. Overflows to infinity.
double exp_of_target(double value) noexcept;

}  // namespace carousel
