#include "data/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

void check_settings(const SeriesSet& set, const WindowSettings& settings) {
  if (settings.context == 0) throw SettingError("context: found 0, expected at least 1 row");
  if (settings.horizon == 0) throw SettingError("horizon: found 0, expected at least 1 step");
  if (settings.known_steps == 0 || settings.known_steps > settings.horizon) {
    throw SettingError(fmt::format("known_steps: found {}, expected 1 to {} (the horizon)",
                                   settings.known_steps, settings.horizon));
  }
  for (const std::size_t lag : settings.lags)
    if (lag < settings.known_steps)
      throw SettingError(
          fmt::format("lags: found {}, expected at least {} (the steps ahead)", lag, settings.known_steps));
  if (!settings.calendar.empty() && !set.frequency) {
    throw SettingError(
        fmt::format("calendar: {} has no time stamps at equal steps, expected a time column", set.source));
  }
}

std::size_t window_length(const Window& window, std::size_t context) noexcept {
  return std::min(context, window.origin + 1);
}

}  // namespace

Window WindowList::operator[](std::size_t number) const noexcept {
  const auto after = std::upper_bound(first_.begin(), first_.end(), number);
  const auto run = static_cast<std::size_t>(after - first_.begin()) - 1;
  return {runs_[run].series, runs_[run].first_origin + (number - first_[run]), runs_[run].end};
}

void WindowList::add(std::size_t series, std::size_t first_origin, std::size_t count, std::size_t end) {
  if (count == 0) return;
  runs_.push_back({series, first_origin, end});
  first_.push_back(first_.back() + count);
}

std::vector<std::size_t> WindowList::spread(std::size_t n) const {
  std::vector<std::size_t> numbers(std::min(n, size()));
  const std::size_t count = numbers.size();
  for (std::size_t i = 0; i < count; ++i) numbers[i] = count == 1 ? 0 : i * (size() - 1) / (count - 1);
  return numbers;
}

std::vector<std::size_t> WindowList::shuffled(std::uint64_t seed, std::uint64_t epoch) const {
  std::vector<std::size_t> numbers(size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  Random(seed, epoch).shuffle(numbers);
  return numbers;
}

WindowList list_windows(const SeriesSet& set, std::span<const Split> splits, Part part, std::size_t context,
                        std::size_t horizon) {
  if (splits.size() != set.series.size()) {
    throw Error(fmt::format("[list_windows] expected {} splits, one a series, got {}", set.series.size(),
                            splits.size()));
  }
  WindowList list;
  for (std::size_t s = 0; s < splits.size(); ++s) {
    const Range range = part == Part::train        ? splits[s].train
                        : part == Part::validation ? splits[s].validation
                                                   : splits[s].test;
    // Row of the first origin, which needs `context` rows inside a training part and a row before any other.
    const std::size_t first =
        part == Part::train ? range.begin + context - 1 : std::max<std::size_t>(range.begin, 1) - 1;
    const std::size_t ends = range.end >= horizon ? range.end - horizon : 0;  // one past the last origin
    if (range.size() > 0 && ends > first) list.add(s, first, ends - first, range.end);
  }
  return list;
}

Windows::Windows(const SeriesSet& set, std::vector<Scalers> scalers, WindowSettings settings,
                 std::vector<std::vector<float>> statics)
    : set_(&set), scalers_(std::move(scalers)), settings_(std::move(settings)), statics_(std::move(statics)) {
  check_settings(set, settings_);
  const bool fits = scalers_.size() == 1 || scalers_.size() == set.series.size();
  if (!fits || scalers_.empty()) {
    throw Error(fmt::format("[windows] expected scalers for all series or for each of {}, got {}",
                            set.series.size(), scalers_.size()));
  }
  for (const Scalers& each : scalers_) {
    if (each.size() != set.names.size()) {
      throw Error(fmt::format("[windows] expected a scaler for each of {} columns, got {}", set.names.size(),
                              each.size()));
    }
  }
  for (const std::vector<float>& each : statics_) {
    if (statics_.size() != set.series.size() || each.size() != statics_[0].size())
      throw Error(fmt::format("[windows] expected static inputs for each of {} series, as many for each",
                              set.series.size()));
  }
  inputs_ = lagged_begin() + lagged_width() + 2 * settings_.calendar.size() + static_width();
}

std::size_t Windows::known_begin() const noexcept {
  return (set_->targets + set_->past) * (settings_.missing_indicators ? 2 : 1);
}

std::size_t Windows::lagged_begin() const noexcept {
  return known_begin() + set_->known * settings_.known_steps;
}

std::size_t Windows::lagged_width() const noexcept {
  return settings_.lags.size() * settings_.known_steps * set_->targets;
}

std::span<float> Windows::lagged(std::span<float> row) const {
  return row.subspan(lagged_begin(), lagged_width());
}

std::vector<std::string> Windows::input_names() const {
  const std::size_t observed = set_->targets + set_->past;
  std::vector<std::string> names(set_->names.begin(),
                                 set_->names.begin() + static_cast<std::ptrdiff_t>(observed));
  for (std::size_t c = 0; settings_.missing_indicators && c < observed; ++c) {
    names.push_back(set_->names[c] + " missing");
  }
  for (std::size_t step = 1; step <= settings_.known_steps; ++step) {
    for (std::size_t c = observed; c < set_->names.size(); ++c) {
      names.push_back(fmt::format("{}+{}", set_->names[c], step));
    }
  }
  for (const std::size_t lag : settings_.lags)
    for (std::size_t step = 1; step <= settings_.known_steps; ++step)
      for (std::size_t k = 0; k < set_->targets; ++k)
        names.push_back(fmt::format("{}+{}-{}", set_->names[k], step, lag));
  for (const CalendarFeature feature : settings_.calendar) {
    names.push_back(fmt::format("{} sine", name(feature)));
    names.push_back(fmt::format("{} cosine", name(feature)));
  }
  for (std::size_t i = 1; i <= static_width(); ++i) names.push_back(fmt::format("static {}", i));
  return names;
}

void Windows::gather(std::span<const Window> windows, Sequences<float>& x, Sequences<float>& y) const {
  gather_inputs(windows, x);
  y.reshape(x.layout_pointer(), outputs());
  for (std::size_t b = 0; b < windows.size(); ++b) {
    const std::size_t length = x.layout().length(b), first = windows[b].origin + 1 - length;
    for (std::size_t t = 0; t < length; ++t) target_row(windows[b], first + t, y.at(b, t));
  }
}

void Windows::gather_inputs(std::span<const Window> windows, Sequences<float>& x) const {
  std::vector<std::size_t> lengths(windows.size());
  for (std::size_t b = 0; b < windows.size(); ++b) lengths[b] = window_length(windows[b], settings_.context);
  x.reshape(std::make_shared<SequenceLayout>(lengths), inputs());
  for (std::size_t b = 0; b < windows.size(); ++b) {
    const std::size_t first = windows[b].origin + 1 - lengths[b];
    for (std::size_t t = 0; t < lengths[b]; ++t) input_row(windows[b].series, first + t, x.at(b, t));
  }
}

void Windows::input_row(std::size_t series, std::size_t t, std::span<float> out) const {
  const std::size_t observed = set_->targets + set_->past;
  const Scalers& scaler = scalers(series);
  for (std::size_t c = 0; c < observed; ++c) {
    const double value = set_->series[series].columns[c][t];
    const bool missing = std::isnan(value);
    out[c] = missing ? 0.0F : static_cast<float>(scaler[c].apply(value));
    if (settings_.missing_indicators) out[observed + c] = missing ? 1.0F : 0.0F;
  }
  known_inputs(series, t, out);
}

void Windows::input_row_ahead(std::size_t series, std::size_t t, std::size_t origin,
                              std::span<const float> predicted, std::span<float> out) const {
  input_row(series, origin, out);
  for (std::size_t k = 0; k < set_->targets; ++k) {
    out[k] = predicted[k];
    if (settings_.missing_indicators) out[set_->targets + set_->past + k] = 0.0F;
  }
  known_inputs(series, t, out);
}

/// The last inputs of row t: what is known of t + 1 and on.
void Windows::known_inputs(std::size_t series, std::size_t t, std::span<float> out) const {
  const std::size_t observed = set_->targets + set_->past, calendar = 2 * settings_.calendar.size();
  float* to = out.data() + known_begin();
  if (static_width() > 0)
    std::ranges::copy(statics_[series], out.end() - static_cast<std::ptrdiff_t>(static_width()));
  for (std::size_t row = t + 1; row <= t + settings_.known_steps; ++row) {
    for (std::size_t c = observed; c < set_->names.size(); ++c) {
      const Column<double>& column = set_->series[series].columns[c];
      const double value = row < column.size() ? column[row] : std::numeric_limits<double>::quiet_NaN();
      *to++ = std::isnan(value) ? 0.0F : static_cast<float>(scalers(series)[c].apply(value));
    }
  }
  for (std::size_t i = 0; i < lagged_width(); ++i) {
    const float value = lagged_target(series, t, i);
    *to++ = std::isnan(value) ? 0.0F : value;
  }
  if (calendar == 0) return;
  calendar_values(set_->time(series, static_cast<std::int64_t>(t) + 1), settings_.calendar, {to, calendar});
}

float Windows::target_before(std::size_t series, std::size_t k, std::size_t row, std::size_t back,
                             std::size_t cycle) const {
  const Column<double>& column = set_->series[series].columns[k];
  for (std::size_t tries = 0; tries < kCyclesBack && back <= row; ++tries, back += cycle) {
    const double value = column[row - back];
    if (!std::isnan(value)) return static_cast<float>(scalers(series)[k].apply(value));
  }
  return std::numeric_limits<float>::quiet_NaN();
}

float Windows::lagged_target(std::size_t series, std::size_t t, std::size_t i) const {
  const std::size_t step = i / set_->targets, lag = settings_.lags[step / settings_.known_steps];
  return target_before(series, i % set_->targets, t + 1 + step % settings_.known_steps, lag, lag);
}

void Windows::target_row(const Window& window, std::size_t t, std::span<float> out) const {
  const Series& series = set_->series[window.series];
  const std::size_t end = std::min(window.end, series.length);
  float* to = out.data();
  for (std::size_t row = t + 1; row <= t + settings_.horizon; ++row) {
    for (std::size_t k = 0; k < set_->targets; ++k) {
      *to++ = row < end ? static_cast<float>(scalers(window.series)[k].apply(series.columns[k][row]))
                        : std::numeric_limits<float>::quiet_NaN();
    }
  }
}

Window Windows::last_window(std::size_t series, std::size_t steps) const {
  const Series& from = set_->series[series];
  for (std::size_t c = set_->targets + set_->past; c < set_->names.size(); ++c) {
    for (std::size_t row = from.length; row < from.length + steps; ++row) {
      if (row < from.columns[c].size() && !std::isnan(from.columns[c][row])) continue;
      const std::string when = set_->frequency
                                   ? format_time(set_->time(series, static_cast<std::int64_t>(row)))
                                   : fmt::format("row {}", row + 1);
      throw DataError(
          fmt::format("{}, column '{}': no value for {}, expected the known covariate for {} steps after the "
                      "last target; "
                      "give the file rows for these steps, with the targets left empty",
                      set_->source, shown(set_->names[c]), when, steps));
    }
  }
  return {series, from.length - 1, from.length};
}

}  // namespace carousel
