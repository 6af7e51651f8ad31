// Any bytes, compressed or not: refused with a DataError, or read as numbers that fill their shape.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const carousel::Array array =
        carousel::parse_idx({reinterpret_cast<const char*>(data), size}, "fuzz.idx");
    // The most that a byte of gzip stands for.
    if (array.values.size() != array.shape.size() || array.values.size() > 1032 * size) std::abort();
  } catch (const carousel::DataError&) {
    // The one way in which bad input may end.
  }
  return 0;
}
