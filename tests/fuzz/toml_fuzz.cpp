// Any text: refused with a SettingError, or read as settings, which are written and read again without a
// change.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tasks/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  carousel::ForecastSettings settings;
  try {
    settings = carousel::from_toml<carousel::ForecastSettings>({reinterpret_cast<const char*>(data), size},
                                                               "fuzz.toml");
    carousel::check_settings(settings);
  } catch (const carousel::SettingError&) {
    return 0;
  }
  const std::string text = carousel::to_toml(settings);
  if (carousel::to_toml(carousel::from_toml<carousel::ForecastSettings>(text, "again.toml")) != text)
    std::abort();
  return 0;
}
