// What is done where values of a series are missing.
#pragma once

#include <cstddef>
#include <string>

#include "data/column.h"

namespace carousel {

/// Fills the first `end` values of a column where they are NaN: on the straight line between the neighbours,
/// the nearest value at the ends. False, and nothing done, where all are missing.
bool interpolate(Column<double>& column, std::size_t end);

/// DataError: a value is missing and the policy is Missing::error. place: "sales.csv line 12".
[[noreturn]] void fail_missing(const std::string& place, const std::string& column);

}  // namespace carousel
