#include "tasks/forecast_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/suggest.h"
#include "data/cells.h"
#include "model/spec.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kModes = {"direct", "recursive"};
constexpr std::array<std::string_view, 3> kTransforms = {"auto", "none", "log"};
constexpr std::array<std::string_view, 4> kAnchors = {"auto", "none", "last", "seasonal"};
constexpr std::array<std::string_view, 3> kMissing = {"error", "interpolate", "mask"};
constexpr std::array<std::string_view, 3> kDateOrders = {"auto", "day_first", "month_first"};

template <class Enum, std::size_t n>
Enum parse(std::string_view option, const std::array<std::string_view, n>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw SettingError(fmt::format("{}: there is no '{}'; {}", option, shown(text), suggestion(text, known)));
}

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

void check_texts(const ForecastSettings& s) {
  if (s.data.empty()) throw SettingError("data: found nothing, expected the path of a CSV file");
  check_text("data", s.data);
  for (const auto& name : s.targets) check_text("targets", name);
  for (const auto& name : s.past) check_text("past", name);
  for (const auto& name : s.known) check_text("known", name);
  if (s.id) check_text("id", *s.id);
  if (s.time) check_text("time", *s.time);
  if (s.layers) check_text("layers", *s.layers);
}

void check_layers(const ForecastSettings& s) {
  if (!s.layers) return;
  in_layers([&] { return parse_spec(*s.layers); });
  const ForecastSettings standard;
  if (s.hidden != standard.hidden || s.dropout != standard.dropout)
    throw SettingError(
        fmt::format("layers: '{}' says all of the layers; write hidden and dropout into it, or leave it out",
                    shown(*s.layers)));
}

void check_loss(const ForecastSettings& s) {
  const std::string loss = s.loss.value_or(standard_loss(s.mode));
  if (loss == "cross_entropy")
    throw SettingError(
        "loss: cross_entropy is for classes, a forecast is of numbers; use quantile, mae, mse, huber or "
        "gaussian");
  if (loss == "mixture")
    throw SettingError(
        "loss: mixture needs a layer mixture as the last one, a forecast ends in a dense one; use quantile "
        "or "
        "gaussian");
  make_loss<float>(loss, s.loss_options);  // throws for what is no loss
  const auto& levels = s.loss_options.quantiles;
  if (loss == "quantile" && std::ranges::find(levels, 0.5) == levels.end())
    throw SettingError("quantiles: found none at 0.5, which is the forecast itself; add it");
  if (s.mode == ForecastMode::recursive && (loss == "quantile" || loss == "gaussian"))
    throw SettingError(fmt::format(
        "loss: {} in a recursive forecast would give intervals of one step for all steps, which are too "
        "narrow; use mode direct, or mse, mae or huber",
        loss));
}

}  // namespace

std::string_view name(ForecastMode mode) noexcept { return kModes[static_cast<std::size_t>(mode)]; }
std::string_view name(Transform transform) noexcept {
  return kTransforms[static_cast<std::size_t>(transform)];
}
std::string_view name(Anchor anchor) noexcept { return kAnchors[static_cast<std::size_t>(anchor)]; }
std::string_view name(Missing missing) noexcept { return kMissing[static_cast<std::size_t>(missing)]; }
std::string_view name(DateOrder order) noexcept { return kDateOrders[static_cast<std::size_t>(order)]; }

ForecastMode parse_forecast_mode(std::string_view name) { return parse<ForecastMode>("mode", kModes, name); }
Transform parse_transform(std::string_view name) { return parse<Transform>("transform", kTransforms, name); }
Anchor parse_anchor(std::string_view name) { return parse<Anchor>("anchor", kAnchors, name); }
Missing parse_missing(std::string_view name) { return parse<Missing>("missing", kMissing, name); }
DateOrder parse_date_order(std::string_view name) {
  return parse<DateOrder>("date_order", kDateOrders, name);
}

std::string standard_loss(ForecastMode mode) { return mode == ForecastMode::recursive ? "mae" : "quantile"; }

void check_settings(const ForecastSettings& s) {
  constexpr std::size_t kMostSteps = 1 << 20, kMost = std::size_t{1} << 40;
  check_texts(s);
  check_count("horizon", s.horizon, 1, kMostSteps);
  if (s.context) check_count("context", *s.context, 1, kMostSteps);
  if (s.season) check_count("season", *s.season, 0, kMostSteps);
  if (s.anchor == Anchor::seasonal && s.season == std::size_t{0})
    throw SettingError("anchor: seasonal needs a season; set season to the steps of the cycle");
  check_layers(s);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_number("dropout", s.dropout, 0, 0.99);
  check_loss(s);
  check_count("epochs", s.epochs, 0, kMost);
  check_count("updates_per_epoch", s.updates_per_epoch, 1, kMost);
  check_count("batch", s.batch, 1, kMostSteps);
  make_optimizer<float>(s.optimizer, 1);
  make_schedule(s.schedule);
  check_number("clip_norm", s.clip_norm, 0, std::numeric_limits<double>::max());
  check_count("patience", s.patience, 0, kMost);
  check_number("time_limit", s.time_limit_seconds, 0, std::numeric_limits<double>::max());
  check_count("validation_windows", s.validation_windows, 1, kMost);
  check_count("seed", s.seed, 0,
              std::size_t{std::numeric_limits<std::int64_t>::max()});  // what TOML can hold
  check_count("test_windows", s.test_windows, 1, kMost);
}

}  // namespace carousel
