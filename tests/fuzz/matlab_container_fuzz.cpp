// Any bytes through the walk over a MATLAB file of version 5, in front of the library that reads it: refused
// with a DataError, or variables that fill the file, so that it is refused a byte shorter or longer.
#include <carousel/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "data/matlab_container.h"

namespace {

bool whole(std::string_view bytes) {
  try {
    carousel::SeekableBytes source(bytes);
    carousel::check_matlab_container(source, "fuzz.mat");
    return true;
  } catch (const carousel::DataError&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (whole(bytes) && (whole(std::string_view(bytes).substr(0, size - 1)) || whole(bytes + '\0')))
    std::abort();
  return 0;
}
