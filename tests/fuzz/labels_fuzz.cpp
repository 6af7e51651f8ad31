// Any text: refused with a DataError, or windows that do not end before they begin.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tasks/anomaly_labels.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    for (const carousel::LabelSpan& span :
         carousel::parse_json_labels(text, "fuzz.json", "data/b.csv", data[0] % 2 == 0))
      if (span.end < span.begin) std::abort();
  } catch (const carousel::DataError&) {
  }
  return 0;
}
