// Which columns of a file play which part in a series.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/series.h"

namespace carousel {

/// Numbers of columns of the file; `values` in the order of SeriesSet::names.
struct SeriesColumns {
  std::vector<std::size_t> values;
  std::optional<std::size_t> id, time;
};

/// Resolves the names of a request and fills in all of the set but frequency and series. Throws SettingError
/// as read_series does.
SeriesColumns find_series_columns(const CsvReader& reader, const SeriesRequest& request, SeriesSet& set);

/// DataError: a model with a frequency meets data without time stamps.
[[noreturn]] void fail_no_time(const std::string& source, const Frequency& frequency);
/// DataError: a value is missing and the policy is Missing::error.
[[noreturn]] void fail_missing(const std::string& place, const std::string& column);

}  // namespace carousel
