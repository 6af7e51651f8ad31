// Settings as a TOML text: run.toml.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tasks/forecast_settings.h"

namespace carousel {

inline constexpr std::size_t kMaxSettingsBytes = std::size_t{1} << 20;

/// The text of all settings, one a line under tables [data], [forecast], [network], [training], [evaluation].
std::string to_toml(const ForecastSettings& settings);

/// The inverse; what is not in the text keeps its standard value. `source` is what messages call the text.
/// Throws SettingError, one line: source, line, what was found, what was expected (an unknown name gets the
/// nearest one).
ForecastSettings from_toml(std::string_view text, const std::string& source);

/// The settings of a file, checked. Throws FileError, and DataError for what from_toml and check_settings
/// refuse.
ForecastSettings read_settings(const std::string& path);

}  // namespace carousel
