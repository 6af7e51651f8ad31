#include "tasks/forecast_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "model/spec.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kModes = {"direct", "recursive"};
constexpr std::array<std::string_view, 3> kTransforms = {"auto", "none", "log"};
constexpr std::array<std::string_view, 4> kAnchors = {"auto", "none", "last", "seasonal"};
constexpr std::array<std::string_view, 3> kMissing = {"error", "interpolate", "mask"};
constexpr std::array<std::string_view, 3> kDateOrders = {"auto", "day_first", "month_first"};

void check_texts(const ForecastSettings& s) {
  if (s.data.empty()) throw SettingError("data: found nothing, expected the path of a CSV file");
  check_text("data", s.data);
  for (const auto& name : s.targets) check_text("targets", name);
  for (const auto& name : s.past) check_text("past", name);
  for (const auto& name : s.known) check_text("known", name);
  if (s.id) check_text("id", *s.id);
  if (s.time) check_text("time", *s.time);
}

void check_loss(const ForecastSettings& s) {
  const std::string loss = s.loss.value_or(standard_loss(s.mode));
  if (loss == "cross_entropy" || loss == "bernoulli" || loss == "ctc" || loss == "transducer")
    throw SettingError(fmt::format(
        "loss: {} is for {}, a forecast is of numbers; use quantile, mae, mse, huber or gaussian", loss,
        loss == "cross_entropy" ? "classes"
        : loss == "bernoulli"   ? "yes and no"
                                : "symbols"));
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

ForecastMode parse_forecast_mode(std::string_view name) {
  return parse_name<ForecastMode>("mode", kModes, name);
}
Transform parse_transform(std::string_view name) {
  return parse_name<Transform>("transform", kTransforms, name);
}
Anchor parse_anchor(std::string_view name) { return parse_name<Anchor>("anchor", kAnchors, name); }
Missing parse_missing(std::string_view name) { return parse_name<Missing>("missing", kMissing, name); }
DateOrder parse_date_order(std::string_view name) {
  return parse_name<DateOrder>("date_order", kDateOrders, name);
}

std::string standard_loss(ForecastMode mode) { return mode == ForecastMode::recursive ? "mae" : "quantile"; }

void check_settings(const ForecastSettings& s) {
  check_texts(s);
  check_count("horizon", s.horizon, 1, kMostSteps);
  if (s.context) check_count("context", *s.context, 1, kMostSteps);
  if (s.season) check_count("season", *s.season, 0, kMostSteps);
  if (s.anchor == Anchor::seasonal && s.season == std::size_t{0})
    throw SettingError("anchor: seasonal needs a season; set season to the steps of the cycle");
  const ForecastSettings standard;
  check_layers(s.layers, s.hidden != standard.hidden || s.dropout != standard.dropout);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_number("dropout", s.dropout, 0, 0.99);
  check_loss(s);
  check_settings(s.training);
  check_count("updates_per_epoch", s.training.updates_per_epoch, 1, kMostCount);
  check_count("batch", s.training.batch, 1, kMostSteps);
  check_count("validation_windows", s.validation_windows, 1, kMostCount);
  check_count("test_windows", s.test_windows, 1, kMostCount);
}

}  // namespace carousel
