// Series in wide form: a row of the table is a whole series.
#pragma once

#include "data/csv.h"
#include "data/series.h"

namespace carousel {

/// What read_series does where the request says so: a row is the id of a series (without an id column named:
/// the first column), its static columns, and in all other columns its values, oldest first. Empty cells
/// before the first and after the last value are no rows, so that series of many lengths fit in one table;
/// between values they are missing (Missing). No time stamps: steps are counted only. The target's name is
/// the one that the request gives, "value" without one. Throws SettingError for a request of more than one
/// target, covariates or a time column; DataError as CsvReader::read, for an id that is empty or there twice,
/// and for a row without values.
SeriesSet read_wide_series(CsvReader& reader, const SeriesRequest& request);

}  // namespace carousel
