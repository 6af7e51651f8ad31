// Any bytes: refused with an error of the library, or read: all variables, and sequences that fill the time
// steps.
#include <carousel/error.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "data/netcdf.h"
#include "data/netcdf_file.h"

namespace {

using namespace carousel;

void read_variable(const NetcdfFile& file, const std::string& name, std::size_t size) {
  try {
    if (file.numbers(name).values.size() > size) std::abort();
    if (file.whole_numbers(name).size() > size) std::abort();
  } catch (const DataError&) {
    // Of other numbers, or not in the file.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const NetcdfFile file(bytes, "fuzz.nc");
    for (const std::string& name : file.variables()) read_variable(file, name, size);
    const NetcdfSequences all = parse_netcdf_sequences(bytes, "fuzz.nc");
    std::size_t steps = 0;
    for (const auto& sequence : all.sequences) steps += sequence.steps;
    if (steps != all.inputs.shape[0] || all.classes.size() > std::max(steps, all.sequences.size()))
      std::abort();
  } catch (const Error&) {
    // The one way in which bad input may end.
  }
  return 0;
}
