// carousel train TASK DATA, carousel train RUN/run.toml
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/task.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "base/suggest.h"

namespace carousel::cli {

namespace {

struct TrainOptions : TrainOutput {
  std::string source;  ///< run.toml, or the folder it is in
};

/// The first of PATH-2, PATH-3, ... that is not there.
std::string free_folder(const std::string& path) {
  for (int number = 2;; ++number) {
    std::string candidate = fmt::format("{}-{}", path, number);
    if (!std::filesystem::exists(candidate)) return candidate;
  }
}

int train_again(const CLI::App& parser, TrainOptions options, const Common& common) {
  require_value(parser, options.source,
                fmt::format("a task ({}) or the run.toml of an earlier run", fmt::join(task_names(), ", ")));
  std::filesystem::path file(options.source);
  if (!std::filesystem::exists(file) && file.extension() != ".toml")
    throw SettingError(fmt::format("'{}' is neither a task nor a run.toml; {}", options.source,
                                   suggestion(options.source, task_names())));
  refuse_leftovers(parser);
  if (std::filesystem::is_directory(file)) {
    const RunFolder run{options.source};
    run.require();
    file = run.settings();
  }
  const Task& task = task_of_settings(file.string());
  if (options.out.empty()) {
    std::string folder = std::filesystem::absolute(file).lexically_normal().parent_path().string();
    if (!file.is_absolute())
      folder = std::filesystem::path(folder).lexically_relative(std::filesystem::current_path()).string();
    options.out = free_folder(folder == "." ? "run" : folder);
  }
  refuse_to_replace(options);
  const RunFolder folder{options.out};
  try {
    return run_training(task, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return task.train_again(file.string(), common.seed, folder, pool, sink);
    });
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
  for (const Task* task : tasks()) task->add_train(*train, commands);
}

}  // namespace carousel::cli
