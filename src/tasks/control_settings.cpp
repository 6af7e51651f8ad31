#include "tasks/control_settings.h"

#include <array>
#include <limits>

#include "tasks/environments/environments.h"
#include "tasks/setting_checks.h"

namespace carousel {

namespace {

constexpr std::array<std::string_view, 1> kMethods = {"evolution_strategy"};

}  // namespace

std::string_view name(ControlMethod method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }
ControlMethod parse_control_method(std::string_view name) {
  return parse_name<ControlMethod>("method", kMethods, name);
}

void check_settings(const ControlSettings& s) {
  in_option("environment", [&] { return make_environment(s.environment); });
  check_count("episodes", s.episodes, 0, kMostSteps);
  check_count("test_episodes", s.test_episodes, 0, kMostSteps);
  if (s.target)
    check_number("target", *s.target, std::numeric_limits<double>::lowest(),
                 std::numeric_limits<double>::max());
  check_layers(s.layers, s.hidden != ControlSettings{}.hidden);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_count("members", s.members, 2, kMostSteps);
  if (s.members % 2 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected an even number: they are mirrored in pairs", s.members));
  check_number("deviation", s.deviation, std::numeric_limits<double>::min(),
               std::numeric_limits<double>::max());
  check_settings(s.training);
}

}  // namespace carousel
