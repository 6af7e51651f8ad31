#include "app/cli/forecast_text.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/cli/backtest_text.h"
#include "app/cli/comparison.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

struct Metric {
  const char* name;  ///< as it is shown
  const char* key;   ///< in JSON
  double ForecastMetrics::*value;
};
constexpr Metric kMetrics[] = {
    {"RMSE", "rmse", &ForecastMetrics::rmse},
    {"MAE", "mae", &ForecastMetrics::mae},
    {"MAPE %", "mape", &ForecastMetrics::mape},
    {"WAPE %", "wape", &ForecastMetrics::wape},
    {"sMAPE %", "smape", &ForecastMetrics::smape},
    {"MASE", "mase", &ForecastMetrics::mase},
    {"MSE", "mse", &ForecastMetrics::mse},
    {"MSE standardised", "mse_standardised", &ForecastMetrics::mse_standardised},
    {"MAE standardised", "mae_standardised", &ForecastMetrics::mae_standardised},
    {"pinball loss", "pinball", &ForecastMetrics::pinball},
};

std::vector<const ForecastScore*> all_scores(const TargetEvaluation& target) {
  std::vector<const ForecastScore*> scores{&target.model};
  for (const ForecastScore& baseline : target.baselines) scores.push_back(&baseline);
  return scores;
}

/// The lowest is the best; a metric that one alone has is not marked.
std::vector<TableCell> metric_row(const Metric& metric, const std::vector<const ForecastScore*>& scores) {
  double best = std::numeric_limits<double>::infinity();
  std::size_t defined = 0;
  for (const ForecastScore* score : scores) {
    const double value = score->metrics.*metric.value;
    if (std::isnan(value)) continue;
    best = std::min(best, value);
    ++defined;
  }
  if (defined == 0) return {};
  std::vector<TableCell> row{{metric.name}};
  for (const ForecastScore* score : scores) {
    const double value = score->metrics.*metric.value;
    row.push_back({short_number(value), defined > 1 && value == best});
  }
  return row;
}

TextTable metrics_table(const ForecastEvaluation& evaluation, const TargetEvaluation& target) {
  const std::vector<const ForecastScore*> scores = all_scores(target);
  TextTable table;
  table.header.emplace_back("");
  for (const ForecastScore* score : scores) table.header.push_back(score->name);
  for (const Metric& metric : kMetrics)
    if (auto row = metric_row(metric, scores); !row.empty()) table.rows.push_back(std::move(row));
  if (!std::isnan(target.model.metrics.coverage)) {
    std::vector<TableCell> row{{fmt::format("coverage of {:.0f} %", 100 * evaluation.nominal_coverage)}};
    for (const ForecastScore* score : scores)
      row.push_back({std::isnan(score->metrics.coverage)
                         ? "-"
                         : fmt::format("{:.1f} %", 100 * score->metrics.coverage)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The baseline with the lowest RMSE or MAE; null if none has one.
const ForecastScore* best_baseline(const TargetEvaluation& target, double ForecastMetrics::*metric) {
  const ForecastScore* best = nullptr;
  for (const ForecastScore& score : target.baselines)
    if (!std::isnan(score.metrics.*metric) &&
        (best == nullptr || score.metrics.*metric < best->metrics.*metric))
      best = &score;
  return best;
}

std::string comparison(const TargetEvaluation& target, const Metric& metric) {
  const ForecastScore* best = best_baseline(target, metric.value);
  if (best == nullptr) return "";
  return fmt::format("{} {} against {} of {}", metric.name, short_number(target.model.metrics.*metric.value),
                     short_number(best->metrics.*metric.value), best->name);
}

bool better(const TargetEvaluation& target, double ForecastMetrics::*metric) {
  const ForecastScore* best = best_baseline(target, metric);
  return best != nullptr && target.model.metrics.*metric < best->metrics.*metric;
}

std::string verdict(const TargetEvaluation& target) {
  const std::string rmse = comparison(target, kMetrics[0]), mae = comparison(target, kMetrics[1]);
  if (rmse.empty() || mae.empty()) return "There is no baseline to compare with.";
  if (target.diverged) return diverged_text("The model's forecasts are no finite numbers");
  if (target.beats_baselines) return fmt::format("The model beats every baseline: {}; {}.", rmse, mae);
  constexpr const char* kAdvice = "More epochs, a longer --context or covariates may help.";
  if (better(target, &ForecastMetrics::rmse))
    return fmt::format("The model does not beat the baselines in MAE, only in RMSE: {}; {}. {}", mae, rmse,
                       kAdvice);
  if (better(target, &ForecastMetrics::mae))
    return fmt::format("The model does not beat the baselines in RMSE, only in MAE: {}; {}. {}", rmse, mae,
                       kAdvice);
  return fmt::format(
      "The model does not beat the baselines: {}; {}. As it is, the simpler forecast is to be preferred. {}",
      rmse, mae, kAdvice);
}

}  // namespace

ordered_json metrics_json(const ForecastMetrics& metrics) {
  ordered_json json;
  json["count"] = metrics.count;
  for (const Metric& metric : kMetrics) json[metric.key] = metrics.*metric.value;
  json["coverage"] = metrics.coverage;
  return json;
}

std::string evaluation_text(const ForecastEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  std::string out;
  for (const TargetEvaluation& target : evaluation.targets) {
    std::string title =
        fmt::format("{} on {}: {} {} from {} origins, {} {} ahead (* best)", target.target, part,
                    grouped(target.model.metrics.count), "values", grouped(evaluation.origins),
                    evaluation.horizon, evaluation.horizon == 1 ? "step" : "steps");
    out += wrapped(one_line(title), 0, width) + "\n\n";
    out += to_text(metrics_table(evaluation, target), width, colours) + '\n';
    out += backtest_text(evaluation, target, width, colours);
    out += styled(wrapped(verdict(target), 0, width), target.beats_baselines ? Style::green : Style::yellow,
                  colours);
    out += "\n\n";
  }
  if (evaluation.trained_on)
    out += wrapped(
               "This is the file that the model was trained on: the rows it learnt from count as well. "
               "Without a file, evaluate judges by the test part alone.",
               0, width) +
           "\n\n";
  out.pop_back();
  return out;
}

ordered_json evaluation_json(const ForecastEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["trained_on"] = evaluation.trained_on;
  json["origins"] = evaluation.origins;
  json["all_origins"] = evaluation.all_origins;
  json["horizon"] = evaluation.horizon;
  json["season"] = evaluation.season;
  json["frequency"] = evaluation.frequency;
  json["quantiles"] = evaluation.levels;
  json["nominal_coverage"] = evaluation.nominal_coverage;
  json["beats_baselines"] = evaluation.beats_baselines;
  json["targets"] = ordered_json::array();
  for (const TargetEvaluation& target : evaluation.targets) {
    ordered_json entry;
    entry["target"] = target.target;
    entry["beats_baselines"] = target.beats_baselines;
    entry["model"] = metrics_json(target.model.metrics);
    entry["baselines"] = ordered_json::object();
    for (const ForecastScore& baseline : target.baselines)
      entry["baselines"][baseline.name] = metrics_json(baseline.metrics);
    if (!evaluation.rolling.empty()) {
      entry["by_origin"] = origins_json(evaluation, target);
      entry["by_step"] = steps_json(target);
    }
    json["targets"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace carousel::cli
