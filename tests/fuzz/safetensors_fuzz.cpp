// Any bytes: refused with a ModelError, or read; what was read is written and read again without a change.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  carousel::Safetensors contents;
  try {
    contents = carousel::parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const carousel::ModelError&) {
    return 0;
  }
  const std::string bytes = carousel::serialize_safetensors(contents);
  if (carousel::parse_safetensors(bytes, "fuzz") != contents) std::abort();
  if (carousel::serialize_safetensors(contents) != bytes) std::abort();
  return 0;
}
