// carousel train classify DATA, carousel train label DATA
#include "app/cli/class_tasks.h"

#include <carousel/model.h>

#include <array>

#include "app/cli/class_text.h"
#include "app/cli/comparison.h"
#include "app/cli/option_group.h"
#include "app/cli/sequence_predict.h"
#include "app/cli/terminal.h"
#include "app/report/class_page.h"
#include "base/file.h"
#include "tasks/sequence_training.h"

namespace carousel::cli {

namespace {

Results results_of(const ClassEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          evaluation.diverged ? diverged_problem(model, "its score is no finite number") : "",
          evaluation.left_out};
}

class ClassifyTask final : public ClassTask {
  Help help() const override {
    return {"trains a network to tell what a sequence is",
            {"carousel train classify recordings.csv", "carousel train classify gestures/",
             "carousel train classify pendigits.csv --width 2 --split 6744,750,3498"}};
  }
  SequenceSettings standard() const noexcept override { return ClassifySettings(); }
};

class LabelTask final : public ClassTask {
  Help help() const override {
    return {"trains a network to label every step of a sequence",
            {"carousel train label activity.csv --id person --target doing",
             "carousel train label protein.train --format tokens --test protein.test"}};
  }
  SequenceSettings standard() const noexcept override { return LabelSettings(); }
};

}  // namespace

OptionNames ClassTask::evaluate_options() const {
  static constexpr std::array<std::string_view, 1> kOptions = {"--skip-bad"};
  return kOptions;
}

Results ClassTask::evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork& tell) const {
  return results_of(
      evaluate_classes(job(), request.run, request.data, pool, skip_bad(request.skip_bad), tell),
      request.run);
}

Results ClassTask::write_report(const RunFolder& folder, ThreadPool& pool, const TellWork& tell) const {
  if (!has_test_part(read_sequence_settings(job(), folder.settings()))) return {};
  const ClassEvaluation evaluation = evaluate_classes(job(), folder.path, std::nullopt, pool, {}, tell);
  write_file(folder.report(), render(report::class_page({run_name(folder), evaluation, read_log(folder.path),
                                                         Model::load(folder.model()).metadata()})));
  return results_of(evaluation, folder.model());
}

void ClassTask::predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const {
  predict_classes(job(), request, write, pool);
}

void ClassTask::add_own_options(CLI::App& parser, SequenceSettings& settings) const {
  OptionGroup group(parser, "Classes");
  group.real("--label-smoothing", settings.label_smoothing,
             "share of each target that is given to all classes alike, against overconfidence");
  group.text("--class-weights", "WORD", "balanced: rare classes weigh more in training; or none",
             std::string(carousel::name(settings.class_weights)),
             [&](const std::string& text) { settings.class_weights = parse_class_weights(text); });
  add_method_option(group, settings.training);
  group.count("--hidden-markov", settings.hidden_markov,
              "states a class of a hidden Markov model, one more baseline; 0: none");
}

const Task& classify_task() {
  static const ClassifyTask task;
  return task;
}

const Task& label_task() {
  static const LabelTask task;
  return task;
}

}  // namespace carousel::cli
