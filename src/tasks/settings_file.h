// Settings as a TOML text: run.toml.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tasks/control_settings.h"
#include "tasks/detect_settings.h"
#include "tasks/forecast_settings.h"
#include "tasks/generate_settings.h"
#include "tasks/sequence_settings.h"
#include "tasks/translate_settings.h"

namespace carousel {

inline constexpr std::size_t kMaxSettingsBytes = std::size_t{1} << 20;

// Settings: ForecastSettings, GenerateSettings, ClassifySettings, LabelSettings, TranscribeSettings,
// TranslateSettings, DetectSettings, ControlSettings.

/// The text of all settings, one a line: task, then tables [data], one of the task, [network], [training],
/// [evaluation].
template <class Settings>
std::string to_toml(const Settings& settings);

/// The inverse; what is not in the text keeps its standard value. `source` is what messages call the text.
/// Throws SettingError, one line: source, line, what was found, what was expected (an unknown name gets the
/// nearest one).
template <class Settings>
Settings from_toml(std::string_view text, const std::string& source);

/// The settings of a file, checked. Throws FileError, and DataError for what from_toml and check_settings
/// refuse.
template <class Settings>
Settings read_settings(const std::string& path);

/// Which task the settings of a file are of, whatever it is; a file that does not say is of a forecast.
/// Throws FileError, and DataError for what is no TOML text.
std::string read_task(const std::string& path);

}  // namespace carousel
