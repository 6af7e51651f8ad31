// carousel train forecast DATA, and what resume, evaluate and report do with its runs.
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/arguments.h"
#include "app/cli/comparison.h"
#include "app/cli/forecast_options.h"
#include "app/cli/forecast_predict.h"
#include "app/cli/forecast_text.h"
#include "app/cli/report_file.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "tasks/forecast.h"
#include "tasks/forecast_data.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct ForecastOptions : TrainOutput {
  ForecastSettings settings;
};

Results results_of(const ForecastEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          std::ranges::any_of(evaluation.targets, &TargetEvaluation::diverged)
              ? diverged_problem(model, "its forecasts of the test part are no finite numbers")
              : ""};
}

class ForecastTask final : public Task {
 public:
  std::string_view name() const noexcept override { return ForecastSettings::kTask; }
  void add_train(CLI::App& train, Commands& commands) const override;

  std::uint64_t seed(const std::string& settings_file) const override {
    return read_settings<ForecastSettings>(settings_file).training.seed;
  }
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    ForecastSettings settings = read_settings<ForecastSettings>(settings_file);
    require_data_files(settings, settings_file, RunFolder::kNewPath);
    if (seed) settings.training.seed = *seed;
    return train_forecast(settings, folder.path, pool, &sink);
  }
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    return resume_forecast(folder.path, pool, &sink);
  }

  OptionNames evaluate_options() const override {
    static constexpr std::array<std::string_view, 2> kOptions = {"--origins", "--stride"};
    return kOptions;
  }
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    const auto origins =
        request.origins > 0 ? std::optional(Backtest{request.origins, request.stride}) : std::nullopt;
    return results_of(evaluate_forecast(request.run, request.data, pool, {}, origins), request.run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    if (!has_test_part(read_settings<ForecastSettings>(folder.settings()))) return {};
    const ForecastEvaluation evaluation = evaluate_forecast(folder.path, std::nullopt, pool);
    cli::write_report(folder, evaluation, pool);
    return results_of(evaluation, folder.model());
  }
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const override {
    predict_forecasts(request, write, pool);
  }
  std::string use(const RunFolder& folder) const override {
    return fmt::format("predict  carousel predict {} {}", shell_word(folder.path),
                       shell_word(read_settings<ForecastSettings>(folder.settings()).data));
  }

 private:
  int train(const CLI::App& parser, ForecastOptions options, const Common& common) const {
    require_value(parser, options.settings.data, "DATA, the CSV file to learn from,");
    if (common.seed) options.settings.training.seed = *common.seed;
    if (options.out.empty()) options.out = standard_folder(options.settings.data, name());
    refuse_to_replace(options);
    const RunFolder folder{options.out};
    return run_training(*this, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return train_forecast(options.settings, folder.path, pool, &sink);
    });
  }
};

void ForecastTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<ForecastOptions>();
  CLI::App* parser =
      add_parser(train, "forecast", "trains a network to forecast columns of a CSV file", *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.data = text; },
          "CSV file; delimiter, header and time stamps are found out")
      ->type_name("DATA");
  common->of_several = "put several series into one file, and name the column that tells them apart: --id";
  add_output_options(*parser, *options, "runs/NAME OF DATA");
  add_forecast_options(*parser, options->settings);
  set_examples(*parser, {"carousel train forecast passengers.csv --target passengers --horizon 12",
                         "carousel train forecast passengers.csv --layers \"lstm 32, lstm 32\" \\",
                         "    --context 36 --split 12,24 --time-limit 2m --out runs/deep",
                         "carousel train forecast shops.csv --id shop --static region --horizon 7"});
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& forecast_task() {
  static const ForecastTask task;
  return task;
}

}  // namespace carousel::cli
