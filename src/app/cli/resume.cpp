// carousel resume RUN
#include <carousel/error.h>
#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/training_run.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

int resume(const CLI::App& parser, const std::string& run, const Common& common) {
  require_value(parser, run, "RUN, the folder of the run,");
  const RunFolder folder{run};
  folder.require();
  if (common.seed && *common.seed != read_settings(folder.settings()).seed)
    throw SettingError(
        fmt::format("--seed: {} was begun with another seed, which cannot change on the way", run));
  return run_training(folder, common, [&](ThreadPool& pool, ForecastSink& sink) {
    return resume_forecast(folder.path, pool, &sink);
  });
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
