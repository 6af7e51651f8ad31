// Any bytes through the CSV reader and on to series: an error of the library, or series whose invariants
// hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "carousel/error.h"
#include "data/csv.h"
#include "data/series.h"

namespace {

/// The first byte chooses options and request, so that the fuzzer reaches all of them.
void read_all(std::uint8_t choice, std::string_view text) {
  using namespace carousel;
  CsvOptions options;
  options.stream = (choice & 1) != 0;
  if ((choice & 2) != 0) options.date_order = DateOrder::month_first;
  CsvReader reader(text, "fuzz.csv", options);
  SeriesRequest request;
  request.missing = static_cast<Missing>((choice >> 2) % 3);
  for (const CsvColumn& column : reader.columns()) {
    if (column.kind == ColumnKind::text && (choice & 16) != 0) request.id = column.name;
  }
  if (options.stream && request.missing != Missing::interpolate) {
    SeriesStream stream(std::move(reader), request, {});
    while (stream.next()) {
    }
    return;
  }
  const SeriesSet set = read_series(reader, request);
  for (const Series& series : set.series) {
    for (const Column<double>& column : series.columns) {
      if (series.length == 0 || column.size() < series.length) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    read_all(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const carousel::Error&) {
    // The one way in which bad input may end.
  }
  return 0;
}
