// carousel train transcribe DATA, and what evaluate and report do with its runs.

#include <CLI/CLI.hpp>
#include <array>

#include "app/cli/arguments.h"
#include "app/cli/comparison.h"
#include "app/cli/option_group.h"
#include "app/cli/sequence_predict.h"
#include "app/cli/sequence_task.h"
#include "app/cli/terminal.h"
#include "app/cli/transcribe_text.h"
#include "app/report/transcribe_page.h"
#include "base/file.h"
#include "model/model_file.h"
#include "tasks/sequence_training.h"

namespace carousel::cli {

namespace {

Results results_of(const TranscribeEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          evaluation.diverged ? diverged_problem(model, "its outputs are no finite numbers") : "",
          evaluation.left_out};
}

/// Of a network or of a transducer.
Metadata metadata_of(const std::string& file) {
  return std::visit([](auto&& model) { return std::move(model.metadata); }, load_any_model<float>(file));
}

class TranscribeTask final : public SequenceTask {
 public:
  OptionNames evaluate_options() const override {
    static constexpr std::array<std::string_view, 5> kOptions = {"--beam", "--language", "--language-weight",
                                                                 "--symbol-bonus", "--skip-bad"};
    return kOptions;
  }
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    return results_of(
        evaluate_transcribe(request.run, request.data, pool, request.search, skip_bad(request.skip_bad)),
        request.run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    if (!has_test_part(read_sequence_settings(job(), folder.settings()))) return {};
    const TranscribeEvaluation evaluation = evaluate_transcribe(folder.path, std::nullopt, pool);
    write_file(folder.report(),
               render(report::transcribe_page(
                   {run_name(folder), evaluation, read_log(folder.path), metadata_of(folder.model())})));
    return results_of(evaluation, folder.model());
  }

  OptionNames predict_options() const override {
    static constexpr std::array<std::string_view, 6> kOptions = {
        "--beam", "--language", "--language-weight", "--symbol-bonus", "--keywords", "--keyword-threshold"};
    return kOptions;
  }
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const override {
    predict_transcripts(request, write, pool);
  }

 private:
  Help help() const override {
    return {"trains a network to write down what a sequence says",
            {"carousel train transcribe recordings.csv --rate 8000",
             "carousel train transcribe digits.csv --join 3-7 --keywords seven,two --unit word"}};
  }
  SequenceSettings standard() const noexcept override { return TranscribeSettings(); }
  void add_own_options(CLI::App& parser, SequenceSettings& settings) const override {
    OptionGroup group(parser, "Texts");
    group.text("--method", "WORD", "how texts are read: ctc, or transducer",
               std::string(carousel::name(settings.method)),
               [&](const std::string& text) { settings.method = parse_transcribe_method(text); });
    group.text("--prediction", "SPEC",
               "a transducer's layers that read what has been written so far, e.g. \"gru 16\"",
               "from --hidden and --dropout", [&](const std::string& text) { settings.prediction = text; });
    group.text("--unit", "WORD", "what texts are made of: character, or word",
               std::string(carousel::name(settings.unit)),
               [&](const std::string& text) { settings.unit = parse_symbol_unit(text); });
    group.text("--join", "N-M", "joins examples of a part at random to longer ones, so many to so many",
               "none", [&](const std::string& text) { settings.join = parse_join(text); });
    group.names("--keywords", settings.keywords, "texts to be spotted, e.g. seven,two; by --method ctc only",
                "none");
  }
};

}  // namespace

const Task& transcribe_task() {
  static const TranscribeTask task;
  return task;
}

}  // namespace carousel::cli
