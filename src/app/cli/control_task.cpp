// carousel train control ENVIRONMENT, and what resume, evaluate, predict and report do with its runs.
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/control_predict.h"
#include "app/cli/control_text.h"
#include "app/cli/option_group.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "app/report/control_page.h"
#include "base/file.h"
#include "tasks/control.h"
#include "tasks/control_evaluation.h"
#include "tasks/environments/environments.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct ControlOptions : TrainOutput {
  ControlSettings settings;
};

void add_world_options(CLI::App& parser, ControlSettings& settings) {
  OptionGroup group(parser, "World");
  group.text("--episodes", "N", "that a policy is tried in while it learns", "16; 1 where all are alike",
             [&](const std::string& text) { settings.episodes = parse_count("--episodes", text, 1); });
  group.text(
      "--test-episodes", "N", "others, that it is judged by in the end", "1000; 1 where all are alike",
      [&](const std::string& text) { settings.test_episodes = parse_count("--test-episodes", text, 1); });
  group.text("--target", "X", "training ends at this mean return", "the best one possible",
             [&](const std::string& text) { settings.target = parse_real("--target", text); });
}

void add_network_options(CLI::App& parser, ControlSettings& settings) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC", "layers before the one that acts, e.g. \"rnn 4\"",
             "an lstm of --hidden units", [&](const std::string& text) { settings.layers = text; });
  group.count("--hidden", settings.hidden, "units of the lstm", 1);
}

void add_learning_options(CLI::App& parser, ControlSettings& settings) {
  OptionGroup group(parser, "Training");
  group.text("--method", "WORD", "evolution_strategy, cma_es, xnes, genetic or policy_gradient",
             std::string(name(settings.method)),
             [&](const std::string& text) { settings.method = parse_control_method(text); });
  group.text("--epochs", "N", "at most so many generations; of policy_gradient so many times 10 rollouts",
             "1000; 300 of policy_gradient",
             [&](const std::string& text) { settings.training.epochs = parse_count("--epochs", text, 1); });
  add_update_options(group, settings.training, "0.1; 0.003 of policy_gradient");
}

void add_evolution_options(CLI::App& parser, ControlSettings& settings) {
  OptionGroup group(parser, "Evolution");
  group.text("--members", "N", "of a generation",
             "64; of genetic 100, of cma_es and xnes by the number of weights",
             [&](const std::string& text) { settings.members = parse_count("--members", text, 2); });
  group.text("--deviation", "X", "of a member's weights from the policy's",
             "0.2; of genetic 1, of cma_es and xnes 0.5",
             [&](const std::string& text) { settings.deviation = parse_real("--deviation", text); });
}

void add_gradient_options(CLI::App& parser, ControlSettings& settings) {
  OptionGroup group(parser, "Policy gradient");
  PolicyGradientOptions& options = settings.gradient;
  group.text("--algorithm", "WORD", "reinforce, a2c or ppo", options.algorithm,
             [&](const std::string& text) { options.algorithm = text; });
  group.count("--rows", options.rows, "episodes that are played side by side", 1);
  group.count("--steps", options.steps, "that each row is played before weights change; 0: to its end");
  group.real("--discount", options.discount, "of a reward for each step that it is away");
  group.real("--lambda", options.lambda, "of the generalised advantages");
  group.real("--entropy-weight", options.loss.entropy_weight, "what it is worth to keep acts uncertain");
}

std::string environment_list() {
  std::string text;
  for (const EnvironmentKind& kind : environment_kinds())
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", kind.name, kind.what);
  return text;
}

Results results_of(const ControlEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  Results results{
      evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation), {}};
  if (evaluation.diverged)
    results.problem = fmt::format(
        "{}: it gives no finite numbers: training has diverged; try a smaller --learning-rate or --deviation",
        model);
  return results;
}

class ControlTask final : public Task {
 public:
  std::string_view name() const noexcept override { return ControlSettings::kTask; }
  void add_train(CLI::App& train, Commands& commands) const override;

  std::uint64_t seed(const std::string& settings_file) const override {
    return read_settings<ControlSettings>(settings_file).training.seed;
  }
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    auto settings = read_settings<ControlSettings>(settings_file);
    if (seed) settings.training.seed = *seed;
    return train_control(settings, folder, pool, &sink);
  }
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    return resume_control(folder, pool, &sink);
  }

  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    return results_of(evaluate_control(request.run, request.data, pool), request.run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    const ControlEvaluation evaluation = evaluate_control(folder.path, std::nullopt, pool);
    const std::string run = std::filesystem::path(folder.path).lexically_normal().filename().string();
    write_file(folder.report(), render(report::control_page({run.empty() ? folder.path : run, evaluation,
                                                             read_log(folder.path),
                                                             load_model<float>(folder.model()).metadata})));
    return results_of(evaluation, folder.model());
  }
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool&) const override {
    predict_acts(request, write);
  }
  std::string use(const RunFolder& folder) const override {
    return fmt::format("predict  carousel predict {} -", shell_word(folder.path));
  }

 private:
  int train(const CLI::App& parser, ControlOptions options, const Common& common) const {
    require_value(parser, options.settings.environment, "ENVIRONMENT, the world to act in,");
    if (common.seed) options.settings.training.seed = *common.seed;
    if (options.out.empty()) {
      const std::string& text = options.settings.environment;
      options.out = standard_folder(text.substr(0, text.find(' ')), name());
    }
    refuse_to_replace(options);
    const RunFolder folder{options.out};
    return run_training(*this, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return train_control(options.settings, folder, pool, &sink);
    });
  }
};

void ControlTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<ControlOptions>();
  CLI::App* parser = add_parser(train, "control", "trains a network to act in a world", *common);
  parser
      ->add_option_function<std::string>(
          "environment", [options](const std::string& text) { options->settings.environment = text; },
          environment_list())
      ->type_name("ENVIRONMENT");
  add_output_options(*parser, *options, "runs/NAME OF ENVIRONMENT");
  add_world_options(*parser, options->settings);
  add_network_options(*parser, options->settings);
  add_learning_options(*parser, options->settings);
  add_evolution_options(*parser, options->settings);
  add_gradient_options(*parser, options->settings);
  std::vector<std::string> examples{
      "carousel train control double_pole --method evolution_strategy",
      "carousel train control \"t_maze 50\" --method policy_gradient --hidden 16"};
  for (const EnvironmentKind& kind : environment_kinds())
    examples.push_back(fmt::format("carousel train control \"{}\"", kind.example));
  set_examples(*parser, examples);
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& control_task() {
  static const ControlTask task;
  return task;
}

}  // namespace carousel::cli
