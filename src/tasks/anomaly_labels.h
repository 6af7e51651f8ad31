// Known anomalies of a series, from a file of somebody who looked.
//
//   JSON   the form of the Numenta Anomaly Benchmark's combined_windows.json: an object of lists, one a data
//          file, each of pairs of time stamps, first and last row of a window: {"taxi.csv": [["2014-10-30
//          15:30", "2014-11-03 22:30"], ...]}. Or the list alone.
//   CSV    the columns begin and end.
//
// Where a series has no time stamps, numbers of rows stand in their place; the first is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/series.h"
#include "data/split.h"

namespace carousel {

/// First and last moment: seconds since 1970, or numbers of rows.
struct LabelSpan {
  std::int64_t begin = 0, end = 0;
  bool operator==(const LabelSpan&) const = default;
};

/// The labels of one data file, in the order of the file; a JSON file is one that ends in .json. data: the
/// path of the series; of the lists of a JSON object the one is taken whose name ends in the data file's
/// name. has_time: whether moments are time stamps. Throws FileError, DataError.
std::vector<LabelSpan> read_labels(const std::string& path, const std::string& data, bool has_time);

/// The same of a JSON text; `source` is what messages call it.
std::vector<LabelSpan> parse_json_labels(std::string_view text, const std::string& source,
                                         const std::string& data, bool has_time);

/// The rows of series 0 that lie in each span and in `part`; spans without any are left out.
std::vector<Range> label_rows(const std::vector<LabelSpan>& labels, const SeriesSet& set, Range part);

}  // namespace carousel
