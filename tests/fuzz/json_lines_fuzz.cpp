// Any text: refused with a DataError, or read as samples whose numbers are finite and fill their steps.
#include <carousel/error.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/json_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    carousel::JsonLinesReader reader(std::string_view(reinterpret_cast<const char*>(data), size),
                                     "fuzz.jsonl");
    while (const auto sample = reader.next()) {
      if (sample->x.size() != sample->steps * sample->features) std::abort();
      for (const float value : sample->x)
        if (!std::isfinite(value)) std::abort();
    }
  } catch (const carousel::DataError&) {
    // The one way in which bad input may end.
  }
  return 0;
}
