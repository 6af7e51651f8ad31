// carousel evaluate RUN [DATA]
#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "app/cli/task.h"

namespace carousel::cli {

namespace {

struct EvaluateOptions {
  std::string run, data, labels;
};

int evaluate(const CLI::App& parser, const EvaluateOptions& options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run,");
  ThreadPool pool(common.threads);
  const auto data = options.data.empty() ? std::nullopt : std::optional(options.data);
  const Task& task = task_of_model(options.run);
  const Results results = options.labels.empty()
                              ? task.evaluate(options.run, data, pool)
                              : task.evaluate_labelled(options.run, data, options.labels, pool);
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
                   "another CSV file with the same columns, all of it; without it: the test part")
      ->type_name("[DATA]");
  add_value(
      *parser, "--labels", "FILE", "of a detector: known anomalies to judge by, as train detect takes them",
      "as in training, for the test part", [options](const std::string& text) { options->labels = text; });
  set_examples(*parser,
               {"carousel evaluate runs/passengers", "carousel evaluate runs/passengers newer.csv --json"});
  commands.push_back(
      {parser, common, [parser, options, common] { return evaluate(*parser, *options, *common); }});
}

}  // namespace carousel::cli
