#include "app/cli/training_run.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/shell_words.h"
#include "app/cli/training_view.h"
#include "app/cli/work_view.h"
#include "base/counted.h"

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
    case StopReason::target:
      return "the target was reached";
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
  std::string text = fmt::format("{} in {:.3g} s: {}", counted(result.history.size(), "epoch", "epochs"),
                                 seconds, reason(result.stopped));
  if (!std::isnan(result.best_validation_loss))
    text += fmt::format("; best validation loss {:.4g} in epoch {}", result.best_validation_loss,
                        result.best_epoch);
  return text + '\n';
}

std::string results_text(const Task& task, const RunFolder& folder, const Results& results) {
  std::string out = results.text.empty() ? "" : results.text + '\n';
  out += fmt::format("model    {}\nlog      {}\n", one_line(folder.model()), one_line(folder.log()));
  if (!results.text.empty()) out += fmt::format("report   {}\n", one_line(folder.report()));
  return out + task.use(folder) + '\n';
}

/// What is told at the end; without a test part there is nothing to judge the model by.
void tell_done(const Task& task, const RunFolder& folder, const Common& common, const TrainingResult& result,
               ThreadPool& pool) {
  const Results results =
      watched(common.quiet, [&](const TellWork& tell) { return task.write_report(folder, pool, tell); });
  const bool judged = !results.text.empty();
  if (!judged && !common.quiet) write_message("there is no test part (--split): no metrics and no report\n");
  if (common.json) {
    ordered_json json = training_json(folder, result);
    json["model"] = folder.model();
    json["log"] = folder.log();
    json["report"] = judged ? ordered_json(folder.report()) : ordered_json();
    json["evaluation"] = results.json;
    write_result(json_line(json));
  } else {
    write_result(results_text(task, folder, results));
  }
  // What has been written stays to be looked at, but nobody is to go on with it unawares.
  if (!results.problem.empty()) throw TrainingError(results.problem);
}

}  // namespace

int run_training(const Task& task, const RunFolder& folder, const Common& common, const TrainCall& train) {
  ThreadPool pool(common.threads);
  TrainingResult result;
  {
    TrainingView view(common.quiet);
    result = train(pool, view);
  }
  if (result.stopped == StopReason::interrupted) return tell_interrupted(folder, common, result);
  if (!common.quiet) write_message(epochs_text(result) + '\n');
  tell_done(task, folder, common, result, pool);
  return kDone;
}

}  // namespace carousel::cli
