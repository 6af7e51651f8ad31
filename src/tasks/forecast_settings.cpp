#include "tasks/forecast_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <variant>

#include "base/counted.h"
#include "model/spec.h"
#include "tasks/data_file.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kModes = {"direct", "recursive"};
constexpr std::array<std::string_view, 3> kTransforms = {"auto", "none", "log"};
constexpr std::array<std::string_view, 4> kAnchors = {"auto", "none", "last", "seasonal"};
constexpr std::array<std::string_view, 3> kMissing = {"error", "interpolate", "mask"};
constexpr std::array<std::string_view, 3> kDateOrders = {"auto", "day_first", "month_first"};
constexpr std::array<std::string_view, 2> kForms = {"long", "wide"};

/// Gaussians of a mixture; more than a few find nothing left to do.
constexpr std::size_t kMostComponents = 100;
constexpr std::size_t kMostLags = 1000;

void check_texts(const ForecastSettings& s) {
  if (s.data.empty()) throw SettingError("data: found nothing, expected the path of a CSV file");
  check_text("data", s.data);
  for (const auto& name : s.targets) check_text("targets", name);
  for (const auto& name : s.past) check_text("past", name);
  for (const auto& name : s.known) check_text("known", name);
  if (s.id) check_text("id", *s.id);
  if (s.time) check_text("time", *s.time);
  for (const auto& name : s.statics) check_text("static", name);
  if (s.test_data) check_text("test_data", *s.test_data);
  if (s.static_data) check_text("static_data", *s.static_data);
}

/// Files and columns that do not go together.
void check_files(const ForecastSettings& s) {
  if (s.test_data == "-" || s.static_data == "-")
    throw SettingError(
        fmt::format("{}: standard input can be read only once, expected the path of a CSV file",
                    s.test_data == "-" ? "test_data" : "static_data"));
  const bool parts_test = s.split && has_test(*s.split);
  if (s.test_data && parts_test)
    throw SettingError(fmt::format(
        "split: {} has a test part, and test_data brings one; give the rows for validation alone, e.g. {},0",
        to_string(*s.split), s.horizon));
  const bool has_statics = !s.statics.empty() || s.static_data.has_value();
  if (has_statics && s.form == SeriesForm::long_form && !s.id)
    throw SettingError(
        "static: features that do not change with time tell series apart, and there is no id; name the "
        "column "
        "with --id (in run.toml: id)");
  if (s.form == SeriesForm::long_form) return;
  if (!s.past.empty() || !s.known.empty() || (s.time && !s.time->empty()))
    throw SettingError(fmt::format(
        "{}: form wide holds a value a step and nothing beside it; use the long form, one row a step",
        !s.past.empty()    ? "past"
        : !s.known.empty() ? "known"
                           : "time"));
  if (s.targets.size() > 1)
    throw SettingError(
        "targets: form wide holds one target, which may be given a name; use the long form for several");
}

void check_lags(const ForecastSettings& s) {
  if (s.lags.size() > kMostLags)
    throw SettingError(fmt::format("lags: found {} of them, expected at most {}", s.lags.size(), kMostLags));
  for (auto lag = s.lags.begin(); lag != s.lags.end(); ++lag) {
    if (*lag < s.horizon)
      throw SettingError(
          fmt::format("lags: found {}, expected at least {} (the horizon), so that the value is known when "
                      "the forecast is made; use longer lags or a shorter horizon",
                      *lag, s.horizon));
    check_count("lags", *lag, s.horizon, kMostSteps);
    if (std::find(s.lags.begin(), lag, *lag) != lag)
      throw SettingError(fmt::format("lags: found {} twice, expected each once", *lag));
  }
}

void check_evaluation(const ForecastSettings& s) {
  check_count("test_windows", s.test_windows, 1, kMostCount);
  check_count("origins", s.origins, 0, kMostSteps);
  check_count("stride", s.stride, 0, kMostSteps);
  if (s.stride > 0 && s.origins == 0)
    throw SettingError("stride: is the distance of rolling origins, and there are none; set origins");
}

void check_loss(const ForecastSettings& s) {
  const std::string loss = s.loss.value_or(standard_loss(s.mode));
  if (loss == "cross_entropy" || loss == "bernoulli" || loss == "ctc" || loss == "transducer")
    throw SettingError(fmt::format(
        "loss: {} is for {}, a forecast is of numbers; use quantile, mae, mse, huber, gaussian or mixture",
        loss,
        loss == "cross_entropy" ? "classes"
        : loss == "bernoulli"   ? "yes and no"
                                : "symbols"));
  make_loss<float>(loss, s.loss_options);  // throws for what is no loss
  const auto& levels = s.loss_options.quantiles;
  if (loss == "quantile" && std::ranges::find(levels, 0.5) == levels.end())
    throw SettingError("quantiles: found none at 0.5, which is the forecast itself; add it");
  if (s.mode == ForecastMode::recursive && gives_quantiles(loss))
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
std::string_view name(SeriesForm form) noexcept { return kForms[static_cast<std::size_t>(form)]; }

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

SeriesForm parse_series_form(std::string_view name) { return parse_name<SeriesForm>("form", kForms, name); }

SplitRule standard_split(const ForecastSettings& s) {
  return s.test_data ? SplitRule(SplitLast{s.horizon, 0}) : SplitRule(SplitFractions{});
}

bool has_test_part(const ForecastSettings& s) {
  const SplitRule split = s.split.value_or(standard_split(s));
  return s.test_data || has_test(split);
}

std::string seen_text(const ForecastSettings& s) {
  std::string text = counted(*s.context, "row", "rows");
  if (!s.lags.empty()) text += fmt::format(" and lags {}", fmt::join(s.lags, ", "));
  return text;
}

bool gives_quantiles(std::string_view loss) {
  return loss == "quantile" || loss == "gaussian" || loss == "mixture";
}

std::string standard_loss(ForecastMode mode) { return mode == ForecastMode::recursive ? "mae" : "quantile"; }

void require_data_files(const ForecastSettings& s, const std::string& named_in, std::string_view advice) {
  require_data(s.data, named_in, advice);
  if (s.test_data) require_data(*s.test_data, named_in, advice);
}

void check_settings(const ForecastSettings& s) {
  check_texts(s);
  check_files(s);
  check_count("horizon", s.horizon, 1, kMostSteps);
  if (s.context) check_count("context", *s.context, 1, kMostSteps);
  check_lags(s);
  if (s.season) check_count("season", *s.season, 0, kMostSteps);
  if (s.scaling == Scaling::window && s.transform == Transform::log)
    throw SettingError(
        "scaling: window divides by the mean size of a window, and a logarithm has none; use scaling none "
        "with transform log, which makes every window relative too, or transform none");
  if (s.anchor == Anchor::seasonal && s.season == std::size_t{0})
    throw SettingError("anchor: seasonal needs a season; set season to the steps of the cycle");
  const ForecastSettings standard;
  check_layers(s.layers, s.hidden != standard.hidden || s.dropout != standard.dropout);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_number("dropout", s.dropout, 0, 0.99);
  check_count("components", s.loss_options.components, 1, kMostComponents);
  check_loss(s);
  check_settings(s.training);
  check_count("updates_per_epoch", s.training.updates_per_epoch, 1, kMostCount);
  check_count("batch", s.training.batch, 1, kMostSteps);
  check_count("validation_windows", s.validation_windows, 1, kMostCount);
  check_evaluation(s);
}

}  // namespace carousel
