// Series that go on in a second file: what came after those of the first.
#pragma once

#include <vector>

#include "data/series.h"

namespace carousel {

/// Appends to each series the rows that `more` has of the series with its id, and returns how many rows each
/// had before. A series that `more` does not have stays as it is. Known covariates that reached beyond a
/// series's end are replaced by those of `more`.
/// Throws DataError for a series that is only in `more`, and for one that does not begin, by its time stamp,
/// one step after the last row. Error unless both have the same columns and frequency.
std::vector<std::size_t> append_series(SeriesSet& set, const SeriesSet& more);

}  // namespace carousel
