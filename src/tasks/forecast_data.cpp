#include "tasks/forecast_data.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "data/cells.h"
#include "data/series_append.h"
#include "tasks/calendar_choice.h"
#include "tasks/data_file.h"
#include "tasks/rolling_origins.h"
#include "tasks/season.h"
#include "tasks/target_log.h"

namespace carousel {
namespace {

CsvReader open(const std::string& path, const ForecastSettings& settings) {
  CsvOptions options;
  options.date_order = settings.date_order;
  return CsvReader(path, options);
}

/// What may be done about time stamps that do not ascend, where no id column is named.
std::string id_hint(const ForecastSettings& settings, const SeriesRequest& request) {
  CsvReader reader = open(settings.data, settings);
  const std::optional<std::string> id = find_id_column(reader, request);
  if (!id)
    return "; if the file holds several series, say which column tells them apart: --id COLUMN (in run.toml: "
           "id)";
  return fmt::format("; column '{0}' tells several series apart: --id '{0}' (in run.toml: id)", shown(*id));
}

SeriesSet read_training_series(const ForecastSettings& settings, const SeriesRequest& request,
                               CsvReader reader) {
  try {
    return read_series(reader, request);
  } catch (const TimeOrderError& error) {
    if (request.id) throw;
    throw DataError(error.what() + id_hint(settings, request));
  }
}

/// The names that were found out.
void take_names(const SeriesSet& set, ForecastSettings& settings) {
  const auto first = set.names.begin();
  settings.targets.assign(first, first + static_cast<std::ptrdiff_t>(set.targets));
  settings.time = set.time_name;
  if (settings.form == SeriesForm::wide) settings.id = set.id_name;
}

std::size_t longest_series(const SeriesSet& set) {
  std::size_t longest = 0;
  for (std::size_t s = 1; s < set.series.size(); ++s)
    if (set.series[s].length > set.series[longest].length) longest = s;
  return longest;
}

/// What depends on the lengths and the step of the series.
void decide_sizes(const SeriesSet& set, ForecastSettings& settings) {
  constexpr std::size_t kLeast = 24, kMost = 336;
  const std::size_t rows =
      set.series.empty() ? 0
                         : split_rows(set.series[longest_series(set)].length, *settings.split).train.size();
  if (!settings.season) {
    const std::size_t season = season_of(set.frequency);
    settings.season = 2 * season <= rows ? season : 0;
  }
  if (!settings.context) {
    const std::size_t wanted = std::clamp(4 * std::max(*settings.season, settings.horizon), kLeast, kMost);
    // Windows should have many places to begin at: most of the training rows.
    const std::size_t room = rows > settings.horizon ? (rows - settings.horizon) / 4 : 1;
    settings.context = std::max<std::size_t>(1, std::min(wanted, room));
  }
}

void decide_network(ForecastSettings& settings) {
  if (!settings.loss) settings.loss = standard_loss(settings.mode);
  if (!settings.layers) {
    settings.layers = fmt::format("lstm {}", settings.hidden);
    if (settings.dropout > 0) *settings.layers += fmt::format(", dropout {}", settings.dropout);
    settings.hidden = ForecastSettings{}.hidden;
    settings.dropout = ForecastSettings{}.dropout;
  }
}

/// A lag that no training window can look back by would teach nothing.
void check_lags(const std::vector<Split>& splits, const ForecastSettings& settings) {
  std::size_t rows = 0;
  for (const Split& split : splits) rows = std::max(rows, split.train.size());
  for (const std::size_t lag : settings.lags)
    if (lag + settings.horizon > rows)
      throw SettingError(fmt::format(
          "lags: found {}, expected at most {}, the rows of the longest training part ({}) less the horizon; "
          "use shorter lags or more rows",
          lag, rows - std::min(rows, settings.horizon), rows));
}

/// Mean absolute error of forecasting each row by the one `season` rows before, inside a range.
double seasonal_error(const Column<double>& values, Range rows, std::size_t season) {
  double sum = 0, count = 0;
  for (std::size_t row = rows.begin + season; row < std::min(rows.end, values.size()); ++row) {
    const double error = std::abs(values[row] - values[row - season]);
    if (std::isnan(error)) continue;
    sum += error;
    ++count;
  }
  return count == 0 ? ForecastMetrics::kUndefined : sum / count;
}

/// Before the logarithm: metrics are in the units of the data.
void fit_metrics(const SeriesSet& set, const std::vector<Split>& splits, ForecastCoding& coding) {
  const std::size_t season = std::max<std::size_t>(1, *coding.settings.season);
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    TargetScales& scales = coding.series[set.series[s].id];
    const Scalers standard = fit_scalers(set.series[s], splits[s].train, Scaling::standard);
    const bool trained = splits[s].train.size() > 0;
    for (std::size_t k = 0; k < set.targets; ++k)
      scales.metrics.push_back({seasonal_error(set.series[s].columns[k], splits[s].train, season),
                                trained ? standard[k].scale : ForecastMetrics::kUndefined});
  }
}

/// After the logarithm. Targets are scaled series by series, so that small ones count as much as large ones;
/// covariates over all series, so that a level that tells series apart stays visible.
void fit_all_scalers(const SeriesSet& set, const std::vector<Split>& splits, ForecastCoding& coding) {
  const Scaling scaling = coding.settings.scaling;
  const Scalers common = fit_scalers(set, splits, scaling == Scaling::window ? Scaling::standard : scaling);
  coding.covariates.assign(common.begin() + static_cast<std::ptrdiff_t>(set.targets), common.end());
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    // A series too short to be trained on is scaled by what is known at its first forecast.
    const Range known{0, std::max<std::size_t>(1, splits[s].test.begin)};
    const Range rows = splits[s].train.size() > 0 ? splits[s].train : known;
    Scalers own = fit_scalers(set.series[s], rows, scaling);
    own.resize(set.targets);
    coding.series[set.series[s].id].scalers = std::move(own);
  }
}

/// Sum over windows of the distances between scaled targets and their anchors.
double anchor_error(const ForecastData& data, const WindowList& list, Anchor kind) {
  constexpr std::size_t kMostWindows = 1000;
  const ForecastSettings& settings = data.coding.settings;
  const std::size_t targets = data.set.targets;
  const Anchors anchors(kind, *settings.season, settings.horizon);
  std::vector<float> anchor(settings.horizon * targets);
  double sum = 0;
  for (const std::size_t number : list.spread(kMostWindows)) {
    const Window window = list[number];
    anchors.at_or_near(*data.windows, window.series, window.origin, anchor);
    for (std::size_t i = 0; i < anchor.size(); ++i) {
      const std::size_t k = i % targets, row = window.origin + 1 + i / targets;
      const double value = data.set.series[window.series].columns[k][row];
      const double error =
          data.windows->scalers(window.series)[k].apply(value) - static_cast<double>(anchor[i]);
      if (!std::isnan(error)) sum += std::abs(error);
    }
  }
  return sum;
}

void decide_anchor(ForecastData& data) {
  ForecastSettings& settings = data.coding.settings;
  if (settings.anchor == Anchor::seasonal && *settings.season == 0)
    throw SettingError(fmt::format(
        "anchor: seasonal needs a season, and {} gives none; set season to the steps of the cycle",
        data.set.source));
  if (settings.anchor != Anchor::automatic) return;
  settings.anchor = Anchor::last;
  if (*settings.season == 0) return;
  WindowList list = data.list(Part::validation);
  if (list.size() == 0) list = data.list(Part::train);
  const bool seasonal = anchor_error(data, list, Anchor::seasonal) < anchor_error(data, list, Anchor::last);
  if (seasonal) settings.anchor = Anchor::seasonal;
}

template <class Rows>
void make_windows(ForecastData& data, Rows&& rows) {
  std::vector<std::vector<float>> statics = data.coding.statics_for(data.set);
  data.windows = std::make_unique<Windows>(data.set, data.coding.scalers_for(data.set, rows),
                                           data.coding.window_settings(), std::move(statics));
}

/// Of the training series, or of a file of their own.
void fit_statics(SeriesSet& set, ForecastCoding& coding) {
  ForecastSettings& settings = coding.settings;
  if (settings.static_data) {
    CsvReader reader = open(*settings.static_data, settings);
    hold_to(*settings.static_data, settings.static_checksum);
    coding.static_table = read_static_table(reader, settings.statics);
    settings.statics = coding.static_table.names;
    join_statics(coding.static_table, set);
  }
  coding.statics = fit_static_features(set);
}

/// Puts the rows of the test file behind those of their series: they are the test part.
void append_test_part(ForecastData& data) {
  const ForecastSettings& settings = data.coding.settings;
  if (!settings.test_data) return;
  CsvReader reader = open(*settings.test_data, settings);
  SeriesSet more = read_series(reader, data.coding.request(), data.coding.frequency);
  data.coding.take_logs(more);
  const std::vector<std::size_t> lengths = append_series(data.set, more);
  std::size_t most = 0;
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    data.splits[s].test = {lengths[s], data.set.series[s].length};
    most = std::max(most, data.splits[s].test.size());
  }
  if (most < settings.horizon)
    throw DataError(fmt::format("{}: found at most {} rows of a series, expected at least {} (the horizon)",
                                more.source, most, settings.horizon));
}

/// Which targets go through the logarithm.
void decide_logs(const ForecastData& data, ForecastCoding& coding) {
  ForecastSettings& settings = coding.settings;
  if (settings.scaling == Scaling::window) settings.transform = Transform::none;
  for (std::size_t k = 0; k < data.set.targets; ++k) {
    const bool log = settings.transform == Transform::automatic
                         ? log_suits(data.set, data.splits, k, *settings.season)
                         : settings.transform == Transform::log;
    coding.log.push_back(log ? 1 : 0);
  }
  const std::size_t logs = static_cast<std::size_t>(std::ranges::count(coding.log, 1));
  if (logs == 0) settings.transform = Transform::none;
  if (logs == coding.log.size()) settings.transform = Transform::log;
}

std::unique_ptr<ForecastData> read_data(const ForecastCoding& coding, const std::string& path) {
  auto data = std::make_unique<ForecastData>();
  data->coding = coding;
  CsvReader reader = open(path, coding.settings);
  data->set = read_series(reader, coding.request(), coding.frequency);
  coding.take_logs(data->set);
  return data;
}

}  // namespace

std::unique_ptr<ForecastData> prepare_training_data(const ForecastSettings& given) {
  check_settings(given);
  auto data = std::make_unique<ForecastData>();
  ForecastCoding& coding = data->coding;
  ForecastSettings& settings = coding.settings = given;
  CsvReader reader = open(given.data, given);  // says first what is wrong with the path
  if (given.data == "-")
    throw SettingError("data: standard input can be read only once, training needs a file that stays");
  hold_to(given.data, settings.checksum);
  if (given.test_data) hold_to(*given.test_data, settings.test_checksum);
  if (!settings.split) settings.split = standard_split(settings);

  data->set = read_training_series(settings, coding.request(), std::move(reader));
  coding.frequency = data->set.frequency;
  take_names(data->set, settings);
  fit_statics(data->set, coding);
  decide_sizes(data->set, settings);
  decide_network(settings);
  data->splits = split_series(data->set, *settings.split, *settings.context, settings.horizon);
  check_lags(data->splits, settings);
  if (!settings.calendar) settings.calendar = choose_calendar(data->set, data->splits);
  fit_metrics(data->set, data->splits, coding);
  decide_logs(*data, coding);
  coding.take_logs(data->set);
  fit_all_scalers(data->set, data->splits, coding);
  make_windows(*data, [](std::size_t) { return Range{}; });
  decide_anchor(*data);
  const bool validates = data->list(Part::validation).size() > 0;
  if (!validates) settings.training.patience = 0;
  if (settings.training.epochs == 0) settings.training.epochs = validates ? 50 : 10;
  append_test_part(*data);
  if (settings.origins > 0)  // refused now, and not after training
    rolling_origins(data->set, data->splits, settings.horizon, settings.origins, settings.stride);
  return data;
}

std::unique_ptr<ForecastData> read_own_data(const ForecastCoding& coding) {
  const ForecastSettings& settings = coding.settings;
  check_checksum(settings.data, settings.checksum, fingerprint(settings.data));
  if (settings.test_data)
    check_checksum(*settings.test_data, settings.test_checksum, fingerprint(*settings.test_data));
  auto data = read_data(coding, settings.data);
  data->splits = split_series(data->set, *settings.split, *settings.context, settings.horizon);
  append_test_part(*data);
  make_windows(*data, [](std::size_t) { return Range{}; });
  return data;
}

void make_test_part(const ForecastCoding& coding, ForecastData& data) {
  const std::size_t context = *coding.settings.context;
  data.splits.clear();
  for (const Series& series : data.set.series) {
    const std::size_t known = std::min(context, series.length);
    data.splits.push_back({{0, known}, {known, known}, {known, series.length}});
  }
  make_windows(data, [&](std::size_t s) { return data.splits[s].train; });
}

std::unique_ptr<ForecastData> read_other_data(const ForecastCoding& coding, const std::string& path) {
  auto data = read_data(coding, path);
  make_test_part(coding, *data);
  return data;
}

std::unique_ptr<ForecastData> read_known_data(const ForecastCoding& coding, const std::string& path) {
  auto data = read_data(coding, path);
  make_windows(*data, [&](std::size_t s) {
    const std::size_t length = data->set.series[s].length;
    return Range{length - std::min(length, *coding.settings.context), length};
  });
  return data;
}

}  // namespace carousel
