// carousel train detect DATA, and what resume, evaluate, predict and report do with its runs.
#include <carousel/error.h>
#include <carousel/model.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/comparison.h"
#include "app/cli/detect_options.h"
#include "app/cli/detect_text.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "app/report/detect_page.h"
#include "base/file.h"
#include "tasks/data_file.h"
#include "tasks/detect.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct DetectOptions : TrainOutput {
  DetectSettings settings;
};

Results results_of(const DetectEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          evaluation.diverged ? diverged_problem(model, "its errors are no finite numbers") : ""};
}

class DetectTask final : public Task {
 public:
  std::string_view name() const noexcept override { return DetectSettings::kTask; }
  void add_train(CLI::App& train, Commands& commands) const override;

  std::uint64_t seed(const std::string& settings_file) const override {
    return read_settings<DetectSettings>(settings_file).series.training.seed;
  }
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    auto settings = read_settings<DetectSettings>(settings_file);
    require_data(settings.series.data, settings_file, RunFolder::kNewPath);
    if (seed) settings.series.training.seed = *seed;
    return train_detect(settings, folder, pool, &sink);
  }
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    return resume_detect(folder, pool, &sink);
  }

  OptionNames evaluate_options() const override {
    static constexpr std::array<std::string_view, 1> kOptions = {"--labels"};
    return kOptions;
  }
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    return results_of(evaluate_detect(request.run, request.data, request.labels, pool), request.run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    const auto settings = read_settings<DetectSettings>(folder.settings());
    const SplitRule split = settings.series.split.value_or(standard_split(settings.series));
    if (!std::visit([](const auto& parts) { return parts.test > 0; }, split)) return {};
    const DetectEvaluation evaluation = evaluate_detect(folder.path, std::nullopt, std::nullopt, pool);
    const std::string run = std::filesystem::path(folder.path).lexically_normal().filename().string();
    write_file(folder.report(),
               render(report::detect_page({run.empty() ? folder.path : run, settings, evaluation,
                                           read_log(folder.path), Model::load(folder.model()).metadata()})));
    return results_of(evaluation, folder.model());
  }
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const override {
    const std::string& data = only_data(request);
    if (data != "-") {
      const DetectedTable table = predict_detect(request.run, data, pool, request.weights);
      write((request.json ? "" : rows_header(table)) + rows_text(table, table.rows, request.json));
      return;
    }
    DetectStream stream(request.run, data, pool, request.weights);
    if (!request.json) write(rows_header(stream.head()));
    while (const auto rows = stream.next()) write(rows_text(stream.head(), *rows, request.json));
  }
  std::string use(const RunFolder& folder) const override {
    return fmt::format("predict  carousel predict {} {}", shell_word(folder.path),
                       shell_word(read_settings<DetectSettings>(folder.settings()).series.data));
  }

 private:
  int train(const CLI::App& parser, DetectOptions options, const Common& common) const {
    require_value(parser, options.settings.series.data, "DATA, the CSV file to learn from,");
    if (common.seed) options.settings.series.training.seed = *common.seed;
    if (options.out.empty()) options.out = standard_folder(options.settings.series.data, name());
    refuse_to_replace(options);
    const RunFolder folder{options.out};
    return run_training(*this, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return train_detect(options.settings, folder, pool, &sink);
    });
  }
};

void DetectTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<DetectOptions>();
  CLI::App* parser = add_parser(
      train, "detect", "trains a network to tell what is not as usual in columns of a CSV file", *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.series.data = text; },
          "CSV file; delimiter, header and time stamps are found out")
      ->type_name("DATA");
  common->of_several = "put several columns into one file, and name them: --target";
  add_output_options(*parser, *options, "runs/NAME OF DATA");
  add_detect_options(*parser, options->settings);
  set_examples(*parser,
               {"carousel train detect taxi.csv --target value --labels windows.json",
                "carousel train detect pump.csv --method autoencoder --context 48 --split 0.5,0.1,0.4"});
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& detect_task() {
  static const DetectTask task;
  return task;
}

}  // namespace carousel::cli
