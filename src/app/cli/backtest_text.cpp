#include "app/cli/backtest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "app/cli/forecast_text.h"
#include "app/cli/text_table.h"
#include "data/time_stamp.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

/// What a row of a table compares: errors of many series have no common size, percents have.
struct Compared {
  const char* name;
  double ForecastMetrics::*value;
};

Compared compared(const ForecastEvaluation& evaluation) {
  const bool many =
      std::ranges::any_of(evaluation.rolling, [](const OriginPlace& p) { return p.series > 1; });
  return many ? Compared{"sMAPE %", &ForecastMetrics::smape} : Compared{"MAE", &ForecastMetrics::mae};
}

/// The lowest is marked.
std::vector<TableCell> row_of(std::string name, const std::vector<double>& values) {
  double best = std::numeric_limits<double>::infinity();
  for (const double value : values)
    if (!std::isnan(value)) best = std::min(best, value);
  std::vector<TableCell> row{{std::move(name)}};
  for (const double value : values) row.push_back({short_number(value), value == best});
  return row;
}

TextTable empty_table(std::string corner, const TargetEvaluation& target) {
  TextTable table;
  table.header = {std::move(corner), target.model.name};
  for (const ForecastScore& baseline : target.baselines) table.header.push_back(baseline.name);
  return table;
}

std::string place_name(const OriginPlace& place) {
  const std::string name =
      place.time ? format_time(*place.time) : fmt::format("{} before the end", place.rows_left);
  return place.series > 1 ? fmt::format("{}, {} series", name, place.series) : name;
}

/// At most so many of 0 ... count - 1, evenly spaced, the first and the last among them.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> numbers(std::min(count, most));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = numbers.size() == 1 ? 0 : i * (count - 1) / (numbers.size() - 1);
  return numbers;
}

}  // namespace

std::string backtest_text(const ForecastEvaluation& evaluation, const TargetEvaluation& target,
                          std::size_t width, bool colours) {
  if (evaluation.rolling.empty()) return "";
  constexpr std::size_t kMostRows = 12;
  const Compared metric = compared(evaluation);
  TextTable origins = empty_table(fmt::format("{} by origin", metric.name), target);
  for (const std::size_t n : spread(evaluation.rolling.size(), 2 * kMostRows)) {
    std::vector<double> values{target.by_origin[n].model.*metric.value};
    for (const ForecastMetrics& baseline : target.by_origin[n].baselines)
      values.push_back(baseline.*metric.value);
    origins.rows.push_back(row_of(place_name(evaluation.rolling[n]), values));
  }
  TextTable steps = empty_table(fmt::format("{} by step", metric.name), target);
  for (const std::size_t j : spread(evaluation.horizon, kMostRows)) {
    std::vector<double> values{target.model.by_step[j].*metric.value};
    for (const ForecastScore& baseline : target.baselines)
      values.push_back(baseline.by_step[j].*metric.value);
    steps.rows.push_back(row_of(fmt::format("{} ahead", j + 1), values));
  }
  return to_text(origins, width, colours) + '\n' + to_text(steps, width, colours) + '\n';
}

ordered_json origins_json(const ForecastEvaluation& evaluation, const TargetEvaluation& target) {
  ordered_json list = ordered_json::array();
  for (std::size_t n = 0; n < evaluation.rolling.size(); ++n) {
    const OriginPlace& place = evaluation.rolling[n];
    ordered_json entry;
    entry["rows_left"] = place.rows_left;
    entry["series"] = place.series;
    if (place.time) entry["time"] = format_time(*place.time);
    entry["model"] = metrics_json(target.by_origin[n].model);
    for (std::size_t b = 0; b < target.baselines.size(); ++b)
      entry["baselines"][target.baselines[b].name] = metrics_json(target.by_origin[n].baselines[b]);
    list.push_back(std::move(entry));
  }
  return list;
}

ordered_json steps_json(const TargetEvaluation& target) {
  ordered_json list = ordered_json::array();
  for (std::size_t j = 0; j < target.model.by_step.size(); ++j) {
    ordered_json entry;
    entry["step"] = j + 1;
    entry["model"] = metrics_json(target.model.by_step[j]);
    for (const ForecastScore& baseline : target.baselines)
      entry["baselines"][baseline.name] = metrics_json(baseline.by_step[j]);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace carousel::cli
