// What every task's settings are held to; messages begin with the name of the setting.
#pragma once

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "data/cells.h"

namespace carousel {

/// Bounds of sizes that a setting may name.
inline constexpr std::size_t kMostSteps = 1 << 20, kMostCount = std::size_t{1} << 40;

/// Throw SettingError naming the option, what was found and what was expected.
void check_count(std::string_view option, std::size_t value, std::size_t min, std::size_t max);
void check_number(std::string_view option, double value, double min, double max);
/// UTF-8 without a zero byte.
void check_text(std::string_view option, const std::string& text);

/// A spec that can be read, where one is given.
void check_spec(std::string_view option, const std::optional<std::string>& layers);
/// The same of the layers of a network; then the settings it would be made from have to be left
/// alone. described: whether they were not.
void check_layers(const std::optional<std::string>& layers, bool described);
/// What `make` makes of a setting; its SettingErrors are told to come from that one.
template <class Make>
auto in_option(std::string_view option, Make make) {
  try {
    return make();
  } catch (const SettingError& error) {
    throw SettingError(fmt::format("{}: {}", option, error.what()));
  }
}
template <class Make>
auto in_layers(Make make) {
  return in_option("layers", make);
}

/// The value of an enumeration whose names, in order, these are. Throws SettingError with the nearest one.
template <class Enum, std::size_t n>
Enum parse_name(std::string_view option, const std::array<std::string_view, n>& names,
                std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw SettingError(fmt::format("{}: there is no '{}'; {}", option, shown(text), suggestion(text, known)));
}

}  // namespace carousel
