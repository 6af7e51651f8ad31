// carousel predict RUN DATA... [-o FILE]
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "app/cli/task.h"
#include "app/cli/task_options.h"
#include "base/file.h"

namespace carousel::cli {

namespace {

struct PredictOptions {
  PredictRequest request;
  std::string out;
};

void refuse_to_write_into_data(const PredictOptions& options) {
  for (const std::string& data : options.request.data) {
    std::error_code none;  // one of them does not exist: then they are not the same
    if (std::filesystem::equivalent(data, options.out, none))
      throw SettingError(
          fmt::format("--out: {} is DATA itself, expected another file", one_line(options.out)));
  }
}

int predict(const CLI::App& parser, const PredictOptions& options, const Common& common) {
  PredictRequest request = options.request;
  request.json = common.json;
  check_search_options(parser, request.search);
  require_value(parser, request.run, "RUN, the folder of the run or a model file,");
  require_value(parser, request.data.empty() ? "" : request.data.front(), "DATA, the file to predict from,");
  if (!options.out.empty()) refuse_to_write_into_data(options);
  const Task& task = task_of_model(request.run);
  refuse_options_of_others(parser, task, &Task::predict_options);
  ThreadPool pool(common.threads);
  if (options.out.empty()) {
    task.predict(
        request, [](const std::string& text) { write_result(text); }, pool);
    return kDone;
  }
  AtomicFile file(options.out);
  bool answered = false;
  try {
    task.predict(
        request, [&](const std::string& text) { file.write(text), answered = true; }, pool);
  } catch (const DataError&) {  // behind the answers to all that could be read
    if (answered) file.commit();
    throw;
  }
  file.commit();
  if (!common.quiet) write_message(fmt::format("predictions: {}\n", one_line(options.out)));
  return kDone;
}

}  // namespace

void add_predict(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* parser = add_parser(
      program, "predict",
      "uses a model on new data: a forecast continues a CSV file, or each row of a stream; sequences are "
      "classified, labelled or written down, as CSV; a translation is written line by line",
      *common);
  PredictRequest& request = options->request;
  parser->add_option("run", request.run, "folder of the run, or a model file")->type_name("RUN");
  parser
      ->add_option(
          "data", request.data,
          "file to predict from, as in training, a forecast from one, other tasks from any number; - "
          "reads standard input and answers row by row, or line by line; sound as a whole")
      ->type_name("DATA...");
  add_value(*parser, "--weights", "WORD",
            "how weights are kept: float32, bf16 or int8; the shorter ones round the predictions, as convert "
            "tells",
            "as in the model", [&request](const std::string& text) {
              request.weights = parse_weight_format("--weights", text);
            });
  OptionGroup group(*parser, kTaskOptions);
  group.count("--beam", request.beam, "translate, transcribe: texts that the search follows at a time",
              "as trained; of a transducer 8, of ctc 16", 1);
  group.count("--best", request.best, "translate: answers to each line, the likeliest first", "1", 1);
  add_search_options(*parser, request.search);
  group.names("--keywords", request.keywords, "transcribe: texts to be spotted, in place of all that is said",
              "none");
  group.text("--keyword-threshold", "X", "transcribe: keywords with lower scores, 0 at best, are not told",
             "the model's, found in training; else -1", [&request](const std::string& text) {
               request.keyword_threshold = parse_real("--keyword-threshold", text);
             });
  add_value(*parser, "-o,--out", "FILE", "file to write", "standard output",
            [options](const std::string& text) { options->out = text; })
      ->group("Output");
  parser->get_option("--json")->description("one JSON object a line");
  set_examples(*parser, {"carousel predict runs/passengers passengers.csv",
                         "carousel predict runs/passengers passengers.csv -o next.csv",
                         "tail -n +1 -f sensor.csv | carousel predict runs/sensor -"});
  commands.push_back(
      {parser, common, [parser, options, common] { return predict(*parser, *options, *common); }});
}

}  // namespace carousel::cli
