// carousel train forecast DATA, carousel train RUN/run.toml
#include <carousel/error.h>
#include <fmt/format.h>

#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/forecast_options.h"
#include "app/cli/shell_words.h"
#include "app/cli/training_run.h"
#include "base/suggest.h"
#include "tasks/forecast_data.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct TrainOptions {
  ForecastSettings settings;
  std::string source;  ///< the data, or run.toml
  std::string out;
  bool overwrite = false;
};

void add_output_options(CLI::App& parser, TrainOptions& options, const std::string& standard) {
  add_value(parser, "--out", "RUN", "folder for model, log, checkpoint and report", standard,
            [&](const std::string& text) { options.out = text; })
      ->group("Output");
  parser.add_flag("--overwrite", options.overwrite, "replace a run that is in the folder")->group("Output");
}

void refuse_to_replace(const TrainOptions& options) {
  const RunFolder folder{options.out};
  if (folder.exists() && !options.overwrite)
    throw SettingError(
        fmt::format("{} holds a run already: go on with it (carousel resume {}), name another folder "
                    "with --out, or replace it with --overwrite",
                    folder.path, shell_word(folder.path)));
}

int train_into(const TrainOptions& options, const Common& common) {
  const RunFolder folder{options.out};
  return run_training(folder, common, [&](ThreadPool& pool, ForecastSink& sink) {
    return train_forecast(options.settings, folder.path, pool, &sink);
  });
}

int train_on_data(const CLI::App& parser, TrainOptions options, const Common& common) {
  require_value(parser, options.source, "DATA, the CSV file to learn from,");
  options.settings.data = options.source;
  if (common.seed) options.settings.seed = *common.seed;
  if (options.out.empty()) {
    const std::string stem = std::filesystem::path(options.source).stem().string();
    options.out = "runs/" + (stem.empty() || stem == "-" || stem == "." || stem == ".." ? "forecast" : stem);
  }
  refuse_to_replace(options);
  return train_into(options, common);
}

/// The first of PATH-2, PATH-3, ... that is not there.
std::string free_folder(const std::string& path) {
  for (int number = 2;; ++number) {
    std::string candidate = fmt::format("{}-{}", path, number);
    if (!std::filesystem::exists(candidate)) return candidate;
  }
}

int train_again(const CLI::App& parser, TrainOptions options, const Common& common) {
  require_value(parser, options.source, "a task (forecast) or the run.toml of an earlier run");
  std::filesystem::path file(options.source);
  if (!std::filesystem::exists(file) && file.extension() != ".toml") {
    const std::vector<std::string> tasks = {"forecast"};
    throw SettingError(fmt::format("'{}' is neither a task nor a run.toml; {}", options.source,
                                   suggestion(options.source, tasks)));
  }
  refuse_leftovers(parser);
  if (std::filesystem::is_directory(file)) {
    const RunFolder run{options.source};
    run.require();
    file = run.settings();
  }
  options.settings = read_settings(file.string());
  require_data(options.settings.data, file.string(), RunFolder::kNewPath);
  if (common.seed) options.settings.seed = *common.seed;
  if (options.out.empty()) {
    std::string folder = std::filesystem::absolute(file).lexically_normal().parent_path().string();
    if (!file.is_absolute())
      folder = std::filesystem::path(folder).lexically_relative(std::filesystem::current_path()).string();
    options.out = free_folder(folder == "." ? "run" : folder);
  }
  refuse_to_replace(options);
  try {
    return train_into(options, common);
  } catch (const SettingError& error) {  // it is the file that is wrong, not the command
    throw DataError(fmt::format("{}: {}", options.source, error.what()));
  }
}

}  // namespace

void add_train(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* train = add_parser(program, "train", "trains a network, or trains one again", *common);
  train->require_subcommand(0, 1);
  train
      ->add_option_function<std::string>(
          "source", [options](const std::string& text) { options->source = text; },
          "the settings of an earlier run: the same run again, to the bit")
      ->type_name("RUN/run.toml");
  add_output_options(*train, *options, "RUN-2, RUN-3, ...");
  set_examples(
      *train, {"carousel train forecast passengers.csv --target passengers --horizon 12",
               "carousel train forecast --help", "carousel train runs/passengers/run.toml --out runs/again"});
  commands.push_back(
      {train, common, [train, options, common] { return train_again(*train, *options, *common); }});

  CLI::App* forecast =
      add_parser(*train, "forecast", "trains a network to forecast columns of a CSV file", *common);
  forecast
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->source = text; },
          "CSV file; delimiter, header and time stamps are found out")
      ->type_name("DATA");
  add_output_options(*forecast, *options, "runs/NAME OF DATA");
  add_forecast_options(*forecast, options->settings);
  set_examples(*forecast, {"carousel train forecast passengers.csv --target passengers --horizon 12",
                           "carousel train forecast passengers.csv --layers \"lstm 32, lstm 32\" \\",
                           "    --context 36 --split 12,24 --time-limit 2m --out runs/deep"});
  commands.push_back({forecast, common,
                      [forecast, options, common] { return train_on_data(*forecast, *options, *common); }});
}

}  // namespace carousel::cli
