#include "app/report/detect_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/report/detect_charts.h"
#include "app/report/forecast_charts.h"
#include "app/report/number_text.h"
#include "base/counted.h"
#include "data/time_stamp.h"
#include "tasks/settings_file.h"

namespace carousel::report {

namespace {

std::string moment(const DetectEvaluation& evaluation, std::size_t row) {
  const std::int64_t time = evaluation.rows[row].time;
  return evaluation.has_time ? format_time(time) : grouped(static_cast<std::size_t>(time));
}

bool meets(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }

std::optional<Verdict> verdict(const DetectEvaluation& evaluation) {
  if (evaluation.diverged)
    return Verdict{false, "No usable errors.", "The network's errors are no finite numbers."};
  if (!evaluation.labels_path || evaluation.labels.empty()) return std::nullopt;
  const std::string figures = fmt::format(
      "{} of {} labelled windows found with {}; the errors of the {} forecast find {} with {}.",
      evaluation.model.hits, evaluation.labels.size(),
      counted(evaluation.model.false_alarms, "false alarm", "false alarms"), evaluation.baseline_name(),
      evaluation.baseline.hits, counted(evaluation.baseline.false_alarms, "false alarm", "false alarms"));
  return evaluation.beats_baseline ? Verdict{true, "Better than the baseline.", figures}
                                   : Verdict{false, "Does not beat the baseline.", figures};
}

/// What was found, and what was labelled and not found, in order of time.
Table windows_table(const DetectEvaluation& evaluation) {
  const bool labelled = evaluation.labels_path.has_value();
  Table table{"", {{"begin"}, {"end"}, {"peak"}, {"score", true}}, {}, {}};
  if (labelled) table.columns.push_back({"labelled"});
  std::vector<std::pair<std::size_t, std::vector<Cell>>> lines;
  for (const AnomalyWindow& window : evaluation.windows) {
    std::vector<Cell> cells{{moment(evaluation, window.rows.begin)},
                            {moment(evaluation, window.rows.end - 1)},
                            {moment(evaluation, window.peak)},
                            {number_text(window.score)}};
    const bool hit =
        std::ranges::any_of(evaluation.labels, [&](const Range& label) { return meets(label, window.rows); });
    if (labelled) cells.push_back({hit ? "yes" : "no: a false alarm"});
    lines.emplace_back(window.rows.begin, std::move(cells));
  }
  for (const Range& label : evaluation.labels)
    if (std::ranges::none_of(evaluation.windows,
                             [&](const AnomalyWindow& window) { return meets(label, window.rows); }))
      lines.emplace_back(label.begin, std::vector<Cell>{{moment(evaluation, label.begin)},
                                                        {moment(evaluation, label.end - 1)},
                                                        {"not found"},
                                                        {"–"},
                                                        {"yes"}});
  std::ranges::stable_sort(lines, {}, [](const auto& line) { return line.first; });
  for (auto& [row, cells] : lines) table.rows.push_back(std::move(cells));
  return table;
}

Table counts_table(const DetectEvaluation& evaluation) {
  Table table{"Hit: a labelled window with a row in common with one that was found. ★ is the better one.",
              {{""},
               {"windows hit", true},
               {"false alarms", true},
               {"precision", true},
               {"recall", true},
               {"F1", true}},
              {},
              0};
  const auto add = [&](const std::string& name, const DetectionCounts& own, const DetectionCounts& other) {
    table.rows.push_back(
        {{name},
         {fmt::format("{} of {}", own.hits, evaluation.labels.size()), own.hits > other.hits},
         {grouped(own.false_alarms), own.false_alarms < other.false_alarms},
         {number_text(own.precision()), own.precision() > other.precision()},
         {number_text(own.recall()), own.recall() > other.recall()},
         {number_text(own.f1()), own.f1() > other.f1()}});
  };
  add("network", evaluation.model, evaluation.baseline);
  add(evaluation.baseline_name(), evaluation.baseline, evaluation.model);
  return table;
}

Section windows_section(const DetectEvaluation& evaluation) {
  Section section{"What was found", {}, {}, {}};
  if (evaluation.windows.empty() && evaluation.labels.empty()) {
    section.paragraphs.push_back(
        fmt::format("No row has a score of {} or more.", number_text(evaluation.threshold)));
    return section;
  }
  if (!evaluation.labels.empty()) section.tables.push_back(counts_table(evaluation));
  section.tables.push_back(windows_table(evaluation));
  return section;
}

Table forecast_table(const ForecastEvaluation& forecast) {
  const TargetEvaluation& target = forecast.targets.front();
  Table table{fmt::format("Forecasts of {}, {} ahead. ★ is the best of its column.", target.target,
                          counted(forecast.horizon, "step", "steps")),
              {{""}, {"MAE", true}, {"RMSE", true}, {"MAPE (%)", true}, {"WAPE (%)", true}},
              {},
              0};
  std::vector<ForecastScore> all{target.model};
  all.front().name = "network";
  all.insert(all.end(), target.baselines.begin(), target.baselines.end());
  for (const ForecastScore& score : all) {
    std::vector<Cell> row{{score.name}};
    for (double ForecastMetrics::*metric :
         {&ForecastMetrics::mae, &ForecastMetrics::rmse, &ForecastMetrics::mape, &ForecastMetrics::wape})
      row.push_back(
          {number_text(score.metrics.*metric), std::ranges::none_of(all, [&](const ForecastScore& other) {
             return std::isnan(score.metrics.*metric) || other.metrics.*metric < score.metrics.*metric;
           })});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Section training(const DetectPage& page) {
  ForecastRun run;
  run.loss_name = *page.settings.loss;
  for (const ProgressRecord& record : page.history) {
    run.epochs.push_back(
        {static_cast<double>(record.epoch), record.loss, record.validation_loss, record.learning_rate});
    if (record.best) run.best_epoch = static_cast<double>(record.epoch);
  }
  return {"Training", {}, {}, training_charts(run)};
}

/// The lines of run.toml: every setting with its value.
Section settings_section(const DetectSettings& settings) {
  Table table{"", {{"setting"}, {"value"}}, {}, {}};
  const std::string text = to_toml(settings);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::size_t equals = line.find(" = ");
    if (equals != std::string::npos)
      table.rows.push_back({{line.substr(0, equals)}, {line.substr(equals + 3)}});
    begin = end + 1;
  }
  return {"Settings", {}, {std::move(table)}, {}};
}

Section provenance(const DetectPage& page) {
  Table table{"What the model file says of itself.", {{"what"}, {"value"}}, {}, {}};
  for (const auto& [key, text] : page.model_metadata)
    if (key != "settings") table.rows.push_back({{key}, {text}});
  return {"Provenance", {}, {std::move(table)}, {}};
}

}  // namespace

Report detect_page(const DetectPage& page) {
  const DetectEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = fmt::format("{}: anomalies of {}", page.run_name, fmt::join(evaluation.targets, ", "));
  report.summary = fmt::format(
      "In {} that it had not learnt from, this network found {} that {} not as usual.",
      counted(evaluation.rows.size(), "row", "rows"), counted(evaluation.windows.size(), "window", "windows"),
      evaluation.windows.size() == 1 ? "is" : "are");
  report.verdict = verdict(evaluation);
  report.sections.push_back(windows_section(evaluation));
  report.sections.push_back({"Over time", {}, {}, time_charts(evaluation)});
  report.sections.push_back({"Windows from near", {}, {}, window_charts(evaluation)});
  report.sections.push_back({"Errors", {}, {}, error_charts(evaluation)});
  if (evaluation.forecast)
    report.sections.push_back({"Forecasts", {}, {forecast_table(*evaluation.forecast)}, {}});
  report.sections.push_back(training(page));
  report.sections.push_back(settings_section(page.settings));
  report.sections.push_back(provenance(page));
  return report;
}

}  // namespace carousel::report
