#include "app/cli/training_run.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "app/cli/forecast_text.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/report_file.h"
#include "app/cli/shell_words.h"
#include "app/cli/training_view.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

const char* reason(StopReason stopped) {
  switch (stopped) {
    case StopReason::finished:
      return "all epochs done";
    case StopReason::patience:
      return "the validation loss got no better";
    case StopReason::time:
      return "the time limit was reached";
    case StopReason::interrupted:
      return "interrupted";
  }
  return "";
}

ordered_json training_json(const RunFolder& folder, const TrainingResult& result) {
  ordered_json json;
  json["run"] = folder.path;
  json["stopped"] = reason(result.stopped);
  json["epochs"] = result.history.size();
  json["best_epoch"] = result.best_epoch;
  json["best_validation_loss"] = result.best_validation_loss;
  return json;
}

int tell_interrupted(const RunFolder& folder, const Common& common, const TrainingResult& result) {
  const std::string resume = "carousel resume " + shell_word(folder.path);
  if (common.json) {
    ordered_json json = training_json(folder, result);
    json["resume"] = resume;
    write_result(json_line(json));
  }
  write_message(
      fmt::format("stopped, and saved in {}; go on with: {}\n", one_line(folder.checkpoint()), resume));
  return 128 + std::max(InterruptGuard::signal(), 0);
}

std::string epochs_text(const TrainingResult& result) {
  const double seconds = result.history.empty() ? 0 : result.history.back().seconds;
  std::string text =
      fmt::format("{} epochs in {:.3g} s: {}", result.history.size(), seconds, reason(result.stopped));
  if (!std::isnan(result.best_validation_loss))
    text += fmt::format("; best validation loss {:.4g} in epoch {}", result.best_validation_loss,
                        result.best_epoch);
  return text + '\n';
}

std::string results_text(const RunFolder& folder, const std::optional<ForecastEvaluation>& evaluation) {
  const Terminal terminal(1);
  std::string out;
  if (evaluation) out = evaluation_text(*evaluation, terminal.columns(), terminal.colours()) + '\n';
  out += fmt::format("model    {}\nlog      {}\n", one_line(folder.model()), one_line(folder.log()));
  if (evaluation) out += fmt::format("report   {}\n", one_line(folder.report()));
  const std::string data = read_settings(folder.settings()).data;
  return out + fmt::format("predict  carousel predict {} {}\n", shell_word(folder.path), shell_word(data));
}

bool has_test_part(const RunFolder& folder) {
  const SplitRule split = read_settings(folder.settings()).split;
  return std::visit([](const auto& parts) { return parts.test > 0; }, split);
}

/// What has been written stays to be looked at, but nobody is to go on with it unawares.
void refuse_diverged(const ForecastEvaluation& evaluation, const std::string& model) {
  if (std::ranges::any_of(evaluation.targets, &TargetEvaluation::diverged))
    throw TrainingError(
        fmt::format("{}: its forecasts of the test part are no finite numbers: training has diverged; try a "
                    "smaller --learning-rate or --clip-norm",
                    model));
}

/// What is told at the end; without a test part there is nothing to judge the model by.
void tell_done(const RunFolder& folder, const Common& common, const TrainingResult& result,
               ThreadPool& pool) {
  std::optional<ForecastEvaluation> evaluation;
  if (has_test_part(folder)) {
    evaluation = evaluate_forecast(folder.path, std::nullopt, pool);
    write_report(folder, *evaluation, pool);
  } else if (!common.quiet) {
    write_message("there is no test part (--split): no metrics and no report\n");
  }
  if (common.json) {
    ordered_json json = training_json(folder, result);
    json["model"] = folder.model();
    json["log"] = folder.log();
    json["report"] = evaluation ? ordered_json(folder.report()) : ordered_json();
    json["evaluation"] = evaluation ? evaluation_json(*evaluation) : ordered_json();
    write_result(json_line(json));
  } else {
    write_result(results_text(folder, evaluation));
  }
  if (evaluation) refuse_diverged(*evaluation, folder.model());
}

}  // namespace

int run_training(const RunFolder& folder, const Common& common, const TrainCall& train) {
  ThreadPool pool(common.threads);
  TrainingResult result;
  {
    const InterruptGuard guard("this batch");
    TrainingView view(common.quiet);
    result = train(pool, view);
  }
  if (result.stopped == StopReason::interrupted) return tell_interrupted(folder, common, result);
  if (!common.quiet) write_message(epochs_text(result) + '\n');
  tell_done(folder, common, result, pool);
  return kDone;
}

}  // namespace carousel::cli
