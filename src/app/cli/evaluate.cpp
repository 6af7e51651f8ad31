// carousel evaluate RUN [DATA]
#include <carousel/error.h>

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/forecast_options.h"
#include "app/cli/output.h"
#include "app/cli/task.h"

namespace carousel::cli {

namespace {

struct EvaluateOptions {
  std::string run, data, labels;
  std::size_t origins = 0, stride = 0;
};

int evaluate(const CLI::App& parser, const EvaluateOptions& options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run,");
  ThreadPool pool(common.threads);
  const auto data = options.data.empty() ? std::nullopt : std::optional(options.data);
  if (options.stride > 0 && options.origins == 0)
    throw SettingError("--stride: is the distance of rolling origins, and there are none; give --origins");
  if (options.origins > 0 && !options.labels.empty())
    throw SettingError("--labels: are of anomalies, and --origins of forecasts; leave one of them out");
  const Task& task = task_of_model(options.run);
  Results results;
  if (!options.labels.empty()) {
    results = task.evaluate_labelled(options.run, data, options.labels, pool);
  } else if (options.origins > 0) {
    results = task.backtest(options.run, data, options.origins, options.stride, pool);
  } else {
    results = task.evaluate(options.run, data, pool);
  }
  write_result(common.json ? json_line(results.json) : results.text);
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* parser =
      add_parser(program, "evaluate", "prints a model's metrics beside the naive baselines", *common);
  parser->add_option("run", options->run, "folder of the run")->type_name("RUN");
  parser
      ->add_option("data", options->data,
                   "another file like the one trained on, all of it; without it: the test part")
      ->type_name("[DATA]");
  add_evaluation_options(*parser, options->origins, options->stride);
  add_value(
      *parser, "--labels", "FILE", "of a detector: known anomalies to judge by, as train detect takes them",
      "as in training, for the test part", [options](const std::string& text) { options->labels = text; });
  set_examples(*parser,
               {"carousel evaluate runs/passengers", "carousel evaluate runs/passengers newer.csv --json",
                "carousel evaluate runs/passengers --origins 3 --stride 6"});
  commands.push_back(
      {parser, common, [parser, options, common] { return evaluate(*parser, *options, *common); }});
}

}  // namespace carousel::cli
