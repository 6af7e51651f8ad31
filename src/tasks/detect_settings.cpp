#include "tasks/detect_settings.h"

#include <array>

#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kMethods = {"residual", "autoencoder"};
constexpr std::array<std::string_view, 3> kLosses = {"mae", "mse", "huber"};
constexpr std::size_t kHorizon = 5;

/// What an autoencoder has no use for is not to be set.
void check_autoencoder(const DetectSettings& s) {
  const auto refuse = [](std::string_view option) {
    throw SettingError(
        fmt::format("{}: is for method residual, an autoencoder forecasts nothing; leave it out", option));
  };
  if (s.horizon && *s.horizon != 1) refuse("horizon");
  if (!s.series.lags.empty()) refuse("lags");
  if (s.series.calendar && !s.series.calendar->empty()) refuse("calendar");
  if (s.series.anchor != Anchor::automatic && s.series.anchor != Anchor::none) refuse("anchor");
  if (s.series.scaling == Scaling::window)
    throw SettingError("scaling: window is for forecasts; use standard, minmax or none for an autoencoder");
}

}  // namespace

std::string_view name(DetectMethod method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }
DetectMethod parse_detect_method(std::string_view name) {
  return parse_name<DetectMethod>("method", kMethods, name);
}

ForecastSettings series_settings(const DetectSettings& s) {
  ForecastSettings series = s.series;
  const bool forecasts = s.method == DetectMethod::residual;
  series.horizon = forecasts ? s.horizon.value_or(kHorizon) : 1;
  series.loss = s.loss.value_or(forecasts ? "mae" : "mse");
  if (!forecasts) {
    series.calendar.emplace();
    series.anchor = Anchor::none;
  }
  return series;
}

void check_settings(const DetectSettings& s) {
  if (s.horizon) check_count("horizon", *s.horizon, 1, kMostSteps);
  if (s.loss) parse_name<std::size_t>("loss", kLosses, *s.loss);
  if (s.method == DetectMethod::autoencoder) check_autoencoder(s);
  check_settings(series_settings(s));
  check_count("long", s.long_rows, 2, kMostSteps);
  check_count("short", s.short_rows, 1, s.long_rows);
  check_number("threshold", s.threshold, 0.001, 1000);
  check_count("gap", s.gap, 0, kMostSteps);
  if (s.labels) check_text("labels", *s.labels);
}

}  // namespace carousel
