// Any text: refused with a ModelError, or read as a network of RTNeural or Neural Amp Modeler that can be
// built, or is refused as one that nobody could build.
#include <carousel/error.h>

#include <cstdint>
#include <string_view>

#include "model/interop/nam.h"
#include "model/interop/rtneural.h"

namespace {

template <class Parse>
void read(Parse&& parse) {
  try {
    carousel::network_of<float>(parse(), "fuzz.json");
  } catch (const carousel::ModelError&) {
    // The one way in which bad input may end.
  } catch (const carousel::SettingError&) {
    // More layers than a network may have.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read([&] { return carousel::parse_rtneural(text, "fuzz.json"); });
  read([&] { return carousel::parse_nam(text, "fuzz.json"); });
  return 0;
}
