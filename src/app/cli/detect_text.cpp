#include "app/cli/detect_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/cli/comparison.h"
#include "app/cli/csv_text.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"
#include "data/time_stamp.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

std::string moment(bool has_time, std::int64_t time) {
  return has_time ? format_time(time) : std::to_string(time);
}

std::string moment(const DetectEvaluation& evaluation, std::size_t row) {
  return moment(evaluation.has_time, evaluation.rows[row].time);
}

bool labelled(const DetectEvaluation& evaluation, const Range& rows) {
  return std::ranges::any_of(evaluation.labels, [&](const Range& label) {
    return label.begin < rows.end && rows.begin < label.end;
  });
}

/// The windows that were found, and the labelled ones that were not.
std::string windows_table(const DetectEvaluation& evaluation, std::size_t width, bool colours) {
  TextTable table;
  table.header = {"begin", "end", "peak", "score"};
  if (evaluation.labels_path) table.header.emplace_back("labelled");
  struct Line {
    std::size_t begin;
    std::vector<TableCell> cells;
  };
  std::vector<Line> lines;
  for (const AnomalyWindow& window : evaluation.windows) {
    std::vector<TableCell> cells = {{moment(evaluation, window.rows.begin)},
                                    {moment(evaluation, window.rows.end - 1)},
                                    {moment(evaluation, window.peak)},
                                    {short_number(window.score)}};
    if (evaluation.labels_path) cells.push_back({labelled(evaluation, window.rows) ? "yes" : "no"});
    lines.push_back({window.rows.begin, std::move(cells)});
  }
  for (const Range& label : evaluation.labels) {
    const bool found = std::ranges::any_of(evaluation.windows, [&](const AnomalyWindow& window) {
      return window.rows.begin < label.end && label.begin < window.rows.end;
    });
    if (!found)
      lines.push_back({label.begin,
                       {{moment(evaluation, label.begin)},
                        {moment(evaluation, label.end - 1)},
                        {"not found"},
                        {"-"},
                        {"yes"}}});
  }
  std::ranges::stable_sort(lines, {}, &Line::begin);
  for (Line& line : lines) table.rows.push_back(std::move(line.cells));
  return to_text(table, width, colours);
}

std::string counts_table(const DetectEvaluation& evaluation, std::size_t width, bool colours) {
  const DetectionCounts &model = evaluation.model, &baseline = evaluation.baseline;
  TextTable table;
  table.header = {"", "model", evaluation.baseline_name()};
  const auto whole = [&](const char* name, std::uint64_t a, std::uint64_t b, bool higher) {
    table.rows.push_back(
        {{name}, {grouped(a), higher ? a > b : a < b}, {grouped(b), higher ? b > a : b < a}});
  };
  const auto ratio = [&](const char* name, double a, double b) {
    table.rows.push_back({{name}, {short_number(a), a > b}, {short_number(b), b > a}});
  };
  whole("windows hit", model.hits, baseline.hits, true);
  whole("false alarms", model.false_alarms, baseline.false_alarms, false);
  ratio("precision", model.precision(), baseline.precision());
  ratio("recall", model.recall(), baseline.recall());
  ratio("F1", model.f1(), baseline.f1());
  return to_text(table, width, colours);
}

std::string verdict(const DetectEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model's errors are no finite numbers");
  const std::string counts = fmt::format(
      "{} of {} found with {}, against {} with {} by the errors of the {} forecast", evaluation.model.hits,
      evaluation.labels.size(), counted(evaluation.model.false_alarms, "false alarm", "false alarms"),
      evaluation.baseline.hits, counted(evaluation.baseline.false_alarms, "false alarm", "false alarms"),
      evaluation.baseline_name());
  return evaluation.beats_baseline ? fmt::format("The model beats the baseline: {}.", counts)
                                   : fmt::format("The model does not beat the baseline: {}.", counts);
}

std::string forecast_sentence(const ForecastEvaluation& forecast) {
  const TargetEvaluation& target = forecast.targets.front();
  std::string out =
      fmt::format("Forecasts of {}, {} ahead: MAE {}", target.target,
                  counted(forecast.horizon, "step", "steps"), short_number(target.model.metrics.mae));
  if (!std::isnan(target.model.metrics.mape))
    out += fmt::format(", MAPE {} %", short_number(target.model.metrics.mape));
  if (!std::isnan(target.model.metrics.wape))
    out += fmt::format(", WAPE {} %", short_number(target.model.metrics.wape));
  for (const ForecastScore& baseline : target.baselines)
    out += fmt::format("; MAE of {} {}", baseline.name, short_number(baseline.metrics.mae));
  return out + '.';
}

/// What the network computed.
std::string computed_text(double value) { return std::isnan(value) ? "" : float_text(value); }
/// As the file has it: what scaling there and back changes lies beyond the 15th digit.
std::string exact_text(double value) { return std::isnan(value) ? "" : fmt::format("{:.15g}", value); }
ordered_json number_json(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(std::strtod(text.c_str(), nullptr));
}

std::string csv_line(const DetectedTable& head, const DetectedRow& row) {
  std::string line = moment(head.has_time, row.time);
  for (std::size_t k = 0; k < head.targets.size(); ++k)
    line += fmt::format(",{},{}", exact_text(row.values[k]), computed_text(row.expected[k]));
  return line +
         fmt::format(",{},{},{}\n", computed_text(row.error), computed_text(row.score), row.anomaly ? 1 : 0);
}

ordered_json row_json(const DetectedTable& head, const DetectedRow& row) {
  ordered_json json;
  head.has_time ? json["time"] = moment(true, row.time) : json["row"] = row.time;
  for (std::size_t k = 0; k < head.targets.size(); ++k) {
    json["values"][head.targets[k]] = number_json(exact_text(row.values[k]));
    json["expected"][head.targets[k]] = number_json(computed_text(row.expected[k]));
  }
  json["error"] = number_json(computed_text(row.error));
  json["score"] = number_json(computed_text(row.score));
  json["anomaly"] = row.anomaly;
  return json;
}

ordered_json counts_json(const DetectionCounts& counts) {
  ordered_json json;
  json["hit"] = counts.hits;
  json["missed"] = counts.misses;
  json["false_alarms"] = counts.false_alarms;
  json["precision"] = counts.precision();
  json["recall"] = counts.recall();
  json["f1"] = counts.f1();
  return json;
}

ordered_json moment_json(const DetectEvaluation& evaluation, std::size_t row) {
  const std::int64_t time = evaluation.rows[row].time;
  return evaluation.has_time ? ordered_json(format_time(time)) : ordered_json(time);
}

ordered_json windows_json(const DetectEvaluation& evaluation, const std::vector<AnomalyWindow>& windows) {
  ordered_json list = ordered_json::array();
  for (const AnomalyWindow& window : windows) {
    ordered_json json;
    json["begin"] = moment_json(evaluation, window.rows.begin);
    json["end"] = moment_json(evaluation, window.rows.end - 1);
    json["score"] = window.score;
    json["peak"] = moment_json(evaluation, window.peak);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string evaluation_text(const DetectEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  const auto paragraph = [&](const std::string& text) { return wrapped(one_line(text), 0, width) + "\n\n"; };
  std::string out = paragraph(fmt::format(
      "{} of {} on {}: {} with a score of {} and more", counted(evaluation.rows.size(), "row", "rows"),
      fmt::join(evaluation.targets, ", "), part, counted(evaluation.windows.size(), "window", "windows"),
      short_number(evaluation.threshold)));
  if (!evaluation.windows.empty() || !evaluation.labels.empty())
    out += windows_table(evaluation, width, colours) + '\n';
  if (evaluation.labels_path && !evaluation.labels.empty()) {
    out += counts_table(evaluation, width, colours) + '\n';
  } else if (evaluation.labels_path) {
    out += paragraph(fmt::format("None of the labels of {} lies in these rows.", *evaluation.labels_path));
  }
  if (evaluation.diverged || !evaluation.labels.empty())
    out += styled(wrapped(verdict(evaluation), 0, width),
                  evaluation.beats_baseline ? Style::green : Style::yellow, colours) +
           "\n\n";
  if (evaluation.forecast) out += paragraph(forecast_sentence(*evaluation.forecast));
  if (evaluation.trained_on)
    out += paragraph(
        "This is the file that the model was trained on: the rows it learnt from count as well. Without a "
        "file, evaluate judges by the test part alone.");
  out.pop_back();
  return out;
}

ordered_json evaluation_json(const DetectEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["trained_on"] = evaluation.trained_on;
  json["method"] = std::string(name(evaluation.method));
  json["targets"] = evaluation.targets;
  json["rows"] = evaluation.rows.size();
  json["threshold"] = evaluation.threshold;
  json["mean_error"] = evaluation.mean_error;
  json["windows"] = windows_json(evaluation, evaluation.windows);
  if (evaluation.labels_path) {
    json["labels"] = *evaluation.labels_path;
    json["labelled"] = evaluation.labels.size();
    json["beats_baseline"] = evaluation.beats_baseline;
    json["model"] = counts_json(evaluation.model);
    json["baselines"][evaluation.baseline_name()] = counts_json(evaluation.baseline);
  }
  if (evaluation.forecast) {
    for (const TargetEvaluation& target : evaluation.forecast->targets) {
      ordered_json entry;
      entry["target"] = target.target;
      entry["steps"] = evaluation.forecast->horizon;
      entry["mae"] = target.model.metrics.mae;
      entry["rmse"] = target.model.metrics.rmse;
      entry["mape"] = target.model.metrics.mape;
      entry["wape"] = target.model.metrics.wape;
      json["forecast"].push_back(std::move(entry));
    }
  }
  return json;
}

std::string rows_header(const DetectedTable& head) {
  std::string line = quoted(!head.has_time ? "row" : head.time_name.empty() ? "time" : head.time_name);
  for (const std::string& target : head.targets)
    line += ',' + quoted(target) + ',' + quoted(target + " expected");
  return line + ",error,score,anomaly\n";
}

std::string rows_text(const DetectedTable& head, const std::vector<DetectedRow>& rows, bool json) {
  std::string text;
  for (const DetectedRow& row : rows) text += json ? json_line(row_json(head, row)) : csv_line(head, row);
  return text;
}

}  // namespace carousel::cli
