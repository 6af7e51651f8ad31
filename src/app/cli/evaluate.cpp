// carousel evaluate RUN [DATA]
#include <carousel/error.h>

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/forecast_options.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "app/cli/task.h"
#include "app/cli/task_options.h"
#include "app/cli/work_view.h"

namespace carousel::cli {

namespace {

int evaluate(const CLI::App& parser, const EvaluateRequest& request, const Common& common) {
  require_value(parser, request.run, "RUN, the folder of the run,");
  check_search_options(parser, request.search);
  if (request.stride > 0 && request.origins == 0)
    throw SettingError("--stride: is the distance of rolling origins, and there are none; give --origins");
  const Task& task = task_of_model(request.run);
  refuse_options_of_others(parser, task, &Task::evaluate_options);
  if (request.skip_bad && !request.data)
    throw SettingError(
        "--skip-bad: it is about DATA, and there is none; the test part is read as in training");
  ThreadPool pool(common.threads);
  const Results results =
      watched(common.quiet, [&](const TellWork& tell) { return task.evaluate(request, pool, tell); });
  write_message(wrapped_lines(left_out_lines(results.left_out), Terminal(2).columns()));
  write_result(common.json ? json_line(results.json) : results.text);
  if (!results.problem.empty()) throw TrainingError(results.problem);
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<EvaluateRequest>();
  CLI::App* parser =
      add_parser(program, "evaluate", "prints a model's metrics beside the naive baselines", *common);
  EvaluateRequest& request = *options;
  parser->add_option("run", request.run, "folder of the run")->type_name("RUN");
  parser
      ->add_option("data", request.data,
                   "another file like the one trained on, all of it; without it: the test part")
      ->type_name("[DATA]");
  add_origin_options(*parser, kTaskOptions, request.origins, request.stride);
  OptionGroup group(*parser, kTaskOptions);
  group.text("--labels", "FILE", "detect: known anomalies to judge by, as train detect takes them",
             "as in training, for the test part",
             [&request](const std::string& text) { request.labels = text; });
  group.flag(
      "--skip-bad", request.skip_bad,
      "classify, label, transcribe, translate, generate of music: goes on without examples of DATA that "
      "cannot be read, and lists them");
  group.count("--beam", request.search.width, "transcribe: texts that the search follows at a time",
              "as trained; of a transducer 8, of ctc 16", 1);
  add_search_options(*parser, request.search);
  set_examples(*parser,
               {"carousel evaluate runs/passengers", "carousel evaluate runs/passengers newer.csv --json",
                "carousel evaluate runs/passengers --origins 3 --stride 6"});
  commands.push_back(
      {parser, common, [parser, options, common] { return evaluate(*parser, *options, *common); }});
}

}  // namespace carousel::cli
