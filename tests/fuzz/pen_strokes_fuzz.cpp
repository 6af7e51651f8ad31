// Any text: refused with an error of the library, or read as strokes whose moves are no longer than the
// larger side of their box.
#include <carousel/error.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/pen_strokes.h"

namespace {

void check(const std::vector<carousel::PenSample>& samples) {
  for (const carousel::PenSample& sample : samples) {
    const carousel::Array features = carousel::pen_features(sample.points);
    if (features.shape[0] != sample.points.size()) std::abort();
    for (const float value : features.values)
      if (!(std::fabs(value) <= 1)) std::abort();
  }
}

}  // namespace

/// The first byte chooses the form of the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    carousel::CsvReader file(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1), "fuzz.csv");
    const std::string last = file.columns().back().name;
    if (data[0] % 3 == 0) check(read_pen_points(file));
    if (data[0] % 3 == 1) check(read_pen_rows(file, {}));
    if (data[0] % 3 == 2) check(read_pen_rows(file, {.label = last, .id = {}}));
  } catch (const carousel::Error&) {
    // The one way in which bad input may end.
  }
  return 0;
}
