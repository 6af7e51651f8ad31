// Any text: refused with a SettingError, or read; what was read is written and read again without a change.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "model/spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<carousel::LayerSpec> layers;
  try {
    layers = carousel::parse_spec({reinterpret_cast<const char*>(data), size});
  } catch (const carousel::SettingError&) {
    return 0;
  }
  const std::string text = carousel::to_text(layers);
  if (carousel::parse_spec(text) != layers) std::abort();
  if (carousel::to_text(carousel::parse_spec(text)) != text) std::abort();
  return 0;
}
