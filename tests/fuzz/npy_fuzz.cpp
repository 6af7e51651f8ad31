// Any bytes: refused with a DataError, or read; what was read is written and read again without a change.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "data/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  carousel::Array array;
  try {
    array = carousel::parse_npy({reinterpret_cast<const char*>(data), size}, "fuzz.npy");
  } catch (const carousel::DataError&) {
    return 0;
  }
  const std::string bytes = carousel::serialize_npy(array);
  const carousel::Array again = carousel::parse_npy(bytes, "again.npy");
  // NaN is not equal to itself; its bytes are.
  if (again.shape != array.shape || carousel::serialize_npy(again) != bytes) std::abort();
  return 0;
}
