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
  std::vector<std::size_t> values, statics;
  std::optional<std::size_t> id, time;
};

/// Resolves the names of a request and fills in all of the set but frequency and series. Throws SettingError
/// as read_series does.
SeriesColumns find_series_columns(const CsvReader& reader, const SeriesRequest& request, SeriesSet& set);

/// DataError: a model with a frequency meets data without time stamps.
[[noreturn]] void fail_no_time(const std::string& source, const Frequency& frequency);
/// DataError: a static column changes within a series.
[[noreturn]] void fail_static(const std::string& place, const std::string& column, const std::string& found,
                              const std::string& before, const std::string& id);

}  // namespace carousel
