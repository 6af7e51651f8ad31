// carousel report RUN
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "app/cli/task.h"
#include "app/cli/work_view.h"

namespace carousel::cli {

namespace {

int make_report(const CLI::App& parser, const std::string& run, const Common& common) {
  require_value(parser, run, "RUN, the folder of the run,");
  ThreadPool pool(common.threads);
  const RunFolder folder{run};
  const Results results = watched(common.quiet, [&](const TellWork& tell) {
    return task_of_run(folder).write_report(folder, pool, tell);
  });
  if (results.text.empty())
    throw DataError(fmt::format("{}: there is no test part to report on (split in run.toml)", run));
  const std::string path = folder.report();
  nlohmann::ordered_json json;
  json["report"] = path;
  write_result(common.json ? json_line(json) : one_line(path) + '\n');
  return kDone;
}

}  // namespace

void add_report(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto run = std::make_shared<std::string>();
  CLI::App* parser =
      add_parser(program, "report", "writes RUN/report.html: one file that opens without a network", *common);
  parser->add_option("run", *run, "folder of the run")->type_name("RUN");
  set_examples(*parser, {"carousel report runs/passengers"});
  commands.push_back({parser, common, [parser, run, common] { return make_report(*parser, *run, *common); }});
}

}  // namespace carousel::cli
