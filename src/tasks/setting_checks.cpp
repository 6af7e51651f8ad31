#include "tasks/setting_checks.h"

#include <limits>

#include "model/spec.h"

namespace carousel {

void check_count(std::string_view option, std::size_t value, std::size_t min, std::size_t max) {
  if (value < min || value > max)
    throw SettingError(fmt::format("{}: found {}, expected {} to {}", option, value, min, max));
}

void check_number(std::string_view option, double value, double min, double max) {
  if (value >= min && value <= max) return;
  if (max == std::numeric_limits<double>::max())
    throw SettingError(fmt::format("{}: found {}, expected a number of at least {}", option, value, min));
  throw SettingError(fmt::format("{}: found {}, expected {} to {}", option, value, min, max));
}

void check_text(std::string_view option, const std::string& text) {
  const bool control = std::ranges::any_of(text, [](char c) { return c == '\0'; });
  if (!is_utf8(text) || control)
    throw SettingError(fmt::format("{}: '{}' is not UTF-8 text", option, shown(text)));
}

void check_spec(std::string_view option, const std::optional<std::string>& layers) {
  if (!layers) return;
  check_text(option, *layers);
  in_option(option, [&] { return parse_spec(*layers); });
}

void check_layers(const std::optional<std::string>& layers, bool described) {
  check_spec("layers", layers);
  if (layers && described)
    throw SettingError(
        fmt::format("layers: '{}' says all of the layers; write hidden and dropout into it, or leave it out",
                    shown(*layers)));
}

}  // namespace carousel
