#include "app/report/forecast_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/forecast_report.h"
#include "data/time_stamp.h"
#include "tasks/settings_file.h"

namespace carousel::report {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::vector<double> numbers(const std::vector<std::int64_t>& times) { return {times.begin(), times.end()}; }

/// "monthly" -> "month": what one step is called.
std::string step_name(const std::string& frequency) {
  const Pairs names = {
      {"hourly", "hour"},   {"daily", "day"},         {"weekly", "week"}, {"monthly at month end", "month"},
      {"monthly", "month"}, {"quarterly", "quarter"}, {"yearly", "year"}};
  const auto found = std::ranges::find(names, frequency, &Pairs::value_type::first);
  return found == names.end() ? "step" : found->second;
}

std::vector<double> metric_values(const ForecastMetrics& m) {
  return {m.mae, m.rmse, m.mape, m.smape, m.mase, m.mse_standardised, m.mae_standardised, 100 * m.coverage};
}

Scores scores_of(const ForecastEvaluation& evaluation, const TargetEvaluation& target) {
  Scores scores;
  for (const char* name :
       {"MAE", "RMSE", "MAPE", "sMAPE", "MASE", "MSE, standardised", "MAE, standardised"}) {
    const bool percent = std::string_view(name).ends_with("APE");
    scores.metrics.push_back({name, percent ? "%" : "", Better::lower, 0});
  }
  const bool interval = !std::isnan(target.model.metrics.coverage);
  if (interval)
    scores.metrics.push_back(
        {"coverage of the interval", "%", Better::near_goal, 100 * evaluation.nominal_coverage});
  const auto score = [&](const ForecastScore& from, const std::string& name) {
    std::vector<double> values = metric_values(from.metrics);
    values.resize(scores.metrics.size());
    return Score{name, std::move(values)};
  };
  scores.model = score(target.model, "network");
  for (const ForecastScore& baseline : target.baselines)
    scores.baselines.push_back(score(baseline, baseline.name));
  scores.test_values = target.model.metrics.count;
  return scores;
}

Forecast forecast_of(const ForecastSample& sample, const std::vector<double>& levels) {
  Forecast out{numbers(sample.history_times),
               sample.history,
               numbers(sample.times),
               sample.forecast,
               sample.truth,
               {}};
  for (std::size_t q = 0; q < sample.quantiles.size() && q < levels.size(); ++q)
    out.quantiles.push_back({levels[q], sample.quantiles[q]});
  return out;
}

/// The steps after the end of the first series.
std::optional<Forecast> next_steps(const ForecastPage& page) {
  if (!page.next || page.next->rows.empty() || page.evaluation.targets.empty()) return std::nullopt;
  const ForecastTable& table = *page.next;
  Forecast out;
  for (const double level : table.levels) out.quantiles.push_back({level, {}});
  for (const ForecastRow& row : table.rows) {
    if (row.series != table.rows.front().series || row.target != page.evaluation.targets.front().target)
      continue;
    out.times.push_back(static_cast<double>(row.time));
    out.values.push_back(row.forecast);
    for (std::size_t q = 0; q < out.quantiles.size(); ++q)
      out.quantiles[q].values.push_back(row.quantiles.at(q));
  }
  out.history_times = numbers(page.end_times);
  out.history = page.end_values;
  return out;
}

std::vector<StepError> step_errors(const TargetEvaluation& target) {
  std::vector<StepError> out;
  const auto add = [&](const std::string& name, const ForecastScore& score) {
    out.push_back({name, {}});
    for (const ForecastMetrics& metrics : score.by_step) out.back().values.push_back(metrics.mae);
  };
  add("network", target.model);
  for (const ForecastScore& baseline : target.baselines) add(baseline.name, baseline);
  return out;
}

OriginErrors origin_errors(const ForecastEvaluation& evaluation, const TargetEvaluation& target) {
  OriginErrors errors;
  const auto& places = evaluation.rolling;
  const bool many = std::ranges::any_of(places, [](const OriginPlace& place) { return place.series > 1; });
  const auto metric = many ? &ForecastMetrics::smape : &ForecastMetrics::mae;
  errors.metric = many ? "sMAPE (%)" : "MAE";
  errors.has_time =
      std::ranges::all_of(places, [](const OriginPlace& place) { return place.time.has_value(); });
  errors.names = {"network"};
  for (const ForecastScore& baseline : target.baselines) errors.names.push_back(baseline.name);
  for (std::size_t n = 0; n < places.size(); ++n) {
    OriginError& origin = errors.origins.emplace_back();
    origin.time =
        errors.has_time ? static_cast<double>(*places[n].time) : static_cast<double>(places[n].rows_left);
    origin.place = places[n].time ? format_time(*places[n].time)
                                  : fmt::format("{} rows before the end", places[n].rows_left);
    origin.values = {target.by_origin[n].model.*metric};
    for (const ForecastMetrics& baseline : target.by_origin[n].baselines)
      origin.values.push_back(baseline.*metric);
  }
  return errors;
}

std::vector<GateActivity> gates_of(const ForecastEvaluation& evaluation) {
  std::vector<GateActivity> layers;
  for (const GateRecording& recording : evaluation.recordings) {
    auto layer = std::ranges::find(layers, recording.layer, &GateActivity::layer);
    if (layer == layers.end()) {
      GateActivity& first = layers.emplace_back();
      first.layer = recording.layer;
      first.times = numbers(evaluation.recorded_times);
      first.inputs = evaluation.recorded_input;
      layer = layers.end() - 1;
    }
    const std::pair<const char*, std::vector<double> GateActivity::*> places[] = {
        {"i", &GateActivity::i}, {"f", &GateActivity::f}, {"g", &GateActivity::g}, {"o", &GateActivity::o},
        {"c", &GateActivity::c}, {"z", &GateActivity::z}, {"r", &GateActivity::r}, {"n", &GateActivity::n}};
    for (const auto& [quantity, place] : places)
      if (recording.quantity == quantity) (*layer).*place = recording.values;
  }
  return layers;
}

std::vector<Epoch> epochs_of(const std::vector<ProgressRecord>& history) {
  std::vector<Epoch> epochs;
  for (const ProgressRecord& record : history)
    epochs.push_back(
        {static_cast<double>(record.epoch), record.loss, record.validation_loss, record.learning_rate});
  return epochs;
}

std::optional<double> best_epoch(const std::vector<ProgressRecord>& history) {
  std::optional<double> best;
  for (const ProgressRecord& record : history)
    if (record.best) best = static_cast<double>(record.epoch);
  return best;
}

/// The lines of run.toml: every setting with its value.
Pairs settings_of(const ForecastSettings& settings) {
  Pairs pairs;
  const std::string text = to_toml(settings);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = line.find(" = ");
    if (equals != std::string::npos && line.front() != '#')
      pairs.emplace_back(line.substr(0, equals), line.substr(equals + 3));
  }
  return pairs;
}

std::string loss_name(const ForecastSettings& settings) {
  return settings.loss.value_or("loss") + " on the scaled target";
}

/// A good headline may not stand over a model that a baseline beats in another metric or target.
void correct_verdict(const ForecastEvaluation& evaluation, Report& report) {
  if (!report.verdict || !report.verdict->good || evaluation.beats_baselines) return;
  report.verdict->good = false;
  report.verdict->headline = "Does not beat the baselines in everything.";
}

}  // namespace

Report forecast_page(const ForecastPage& page) {
  const ForecastEvaluation& evaluation = page.evaluation;
  ForecastRun run;
  run.name = page.run_name;
  run.has_time = evaluation.has_time;
  run.step_name = step_name(evaluation.frequency);
  run.horizon = evaluation.horizon;
  if (!evaluation.targets.empty()) {
    const TargetEvaluation& first = evaluation.targets.front();
    run.target = first.target;
    run.scores = scores_of(evaluation, first);
    run.step_errors = step_errors(first);
    run.origin_errors = origin_errors(evaluation, first);
  }
  run.last = next_steps(page);
  for (const ForecastSample& sample : evaluation.samples)
    run.examples.push_back(forecast_of(sample, evaluation.levels));
  if (!evaluation.end_to_end.times.empty()) run.test = forecast_of(evaluation.end_to_end, evaluation.levels);
  for (const ForecastResidual& residual : evaluation.residuals)
    run.residuals.push_back({static_cast<double>(residual.time), residual.step, residual.value});
  run.loss_name = loss_name(page.settings);
  run.epochs = epochs_of(page.history);
  run.best_epoch = best_epoch(page.history);
  run.gates = gates_of(evaluation);
  run.settings = settings_of(page.settings);
  run.provenance.assign(page.model_metadata.begin(), page.model_metadata.end());
  Report report = forecast_report(run);
  for (std::size_t k = 1; k < evaluation.targets.size(); ++k) {
    ForecastRun other;
    other.target = evaluation.targets[k].target;
    other.horizon = run.horizon;
    other.step_name = run.step_name;
    other.scores = scores_of(evaluation, evaluation.targets[k]);
    other.step_errors = step_errors(evaluation.targets[k]);
    other.origin_errors = origin_errors(evaluation, evaluation.targets[k]);
    other.has_time = run.has_time;
    for (Section& section : forecast_report(other).sections) {
      if (section.tables.empty() && section.charts.empty()) continue;
      section.title = other.target + ": " + section.title;
      report.sections.insert(report.sections.begin() + 1 + static_cast<std::ptrdiff_t>(k), section);
    }
  }
  correct_verdict(evaluation, report);
  return report;
}

}  // namespace carousel::report
