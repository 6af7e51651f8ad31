// carousel resume RUN
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/training_run.h"

namespace carousel::cli {

namespace {

int resume(const CLI::App& parser, const std::string& run, const Common& common) {
  require_value(parser, run, "RUN, the folder of the run,");
  const RunFolder folder{run};
  const Task& task = task_of_run(folder);
  if (common.seed && *common.seed != task.seed(folder.settings()))
    throw SettingError(
        fmt::format("--seed: {} was begun with another seed, which cannot change on the way", run));
  return run_training(task, folder, common,
                      [&](ThreadPool& pool, RunSink& sink) { return task.resume(folder, pool, sink); });
}

}  // namespace

void add_resume(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto run = std::make_shared<std::string>();
  CLI::App* parser = add_parser(
      program, "resume",
      "goes on with a run that was stopped in any way; the model becomes that of the run never stopped",
      *common);
  parser->add_option("run", *run, "folder of the run")->type_name("RUN");
  set_examples(*parser, {"carousel resume runs/passengers"});
  commands.push_back({parser, common, [parser, run, common] { return resume(*parser, *run, *common); }});
}

}  // namespace carousel::cli
