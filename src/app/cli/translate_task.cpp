// carousel train translate PAIRS, and what resume, evaluate, predict and report do with its runs.
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/comparison.h"
#include "app/cli/option_group.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "app/cli/translate_predict.h"
#include "app/cli/translate_text.h"
#include "app/report/translate_page.h"
#include "base/file.h"
#include "tasks/settings_file.h"
#include "tasks/translate_evaluation.h"

namespace carousel::cli {

namespace {

struct TranslateOptions : TrainOutput {
  TranslateSettings settings;
};

void add_data_options(CLI::App& parser, TranslateSettings& settings) {
  OptionGroup group(parser, "Data");
  group.text("--target-file", "FILE", "a line for each line of PAIRS, which then holds sources alone",
             "PAIRS holds both", [&](const std::string& text) { settings.target_file = text; });
  group.text("--source-unit", "WORD",
             "what sources are made of: character, word, token between blanks, or byte-pair piece",
             std::string(name(settings.source_unit)),
             [&](const std::string& text) { settings.source_unit = parse_line_unit(text); });
  group.text("--target-unit", "WORD", "the same of targets", std::string(name(settings.target_unit)),
             [&](const std::string& text) { settings.target_unit = parse_line_unit(text); });
  group.text("--vocabulary", "N", "most different symbols a side; others are unknown, but of pieces none",
             "10000, of pieces by the text's length",
             [&](const std::string& text) { settings.vocabulary = parse_count("--vocabulary", text, 1); });
  group.text("--invalid", "WORD", "bytes that are not UTF-8: error, or replace",
             std::string(name(settings.invalid)),
             [&](const std::string& text) { settings.invalid = parse_invalid_text(text); });
  group.flag("--skip-bad", settings.skip_bad, "goes on without lines that cannot be read, and lists them");
  group.text(
      "--split", "PARTS",
      "training, validation and test part: shares, or numbers, of the sources; one or two numbers are of the "
      "last ones, for validation and test",
      to_string(settings.split), [&](const std::string& text) { settings.split = parse_split(text); });
  group.text("--split-order", "WORD", "sources are cut into parts in order of their hash, or of the file",
             std::string(name(settings.split_order)),
             [&](const std::string& text) { settings.split_order = parse_split_order(text); });
}

void add_network_options(CLI::App& parser, TranslateSettings& settings) {
  OptionGroup group(parser, "Network");
  group.text("--encoder", "SPEC",
             "layers that read the source, e.g. \"bidirectional(lstm 128), bidirectional(lstm 128)\"",
             "from --hidden and --dropout", [&](const std::string& text) { settings.encoder = text; });
  group.text("--decoder", "SPEC", "layers that write the target, e.g. \"lstm 256, dropout 0.2\"",
             "from --hidden and --dropout", [&](const std::string& text) { settings.decoder = text; });
  group.text("--attention", "WORD", "how the decoder looks at the source: additive, multiplicative or dot",
             settings.attention, [&](const std::string& text) { settings.attention = text; });
  group.text("--attention-width", "N", "units that additive attention compares source and decoder in",
             "as many as the decoder has", [&](const std::string& text) {
               settings.attention_width = parse_count("--attention-width", text, 1);
             });
  group.text("--bridge", "WORD",
             "what the decoder begins with: tanh, made from the encoder's last state, or none",
             settings.bridge, [&](const std::string& text) { settings.bridge = text; });
  group.count("--embedding", settings.embedding, "numbers that stand for a symbol", 1);
  group.count("--hidden", settings.hidden,
              "hidden units of the decoder's LSTM, and of the encoder's in each direction", 1);
  group.real("--dropout", settings.dropout, "share of their outputs that is dropped in training");
}

void add_learning_options(CLI::App& parser, TranslateSettings& settings) {
  OptionGroup group(parser, "Training");
  group.text("--epochs", "N", "at most so many times through the pairs", "20",
             [&](const std::string& text) { settings.training.epochs = parse_count("--epochs", text, 1); });
  group.real("--sampling", settings.sampling,
             "how often, at the end of training, the decoder is given symbols that it drew itself");
  add_training_options(group, settings.training, "pairs between two updates, of like lengths", "");
}

void add_search_options(CLI::App& parser, TranslateSettings& settings) {
  OptionGroup group(parser, "Search");
  group.count("--beam", settings.beam, "continuations that the search for an answer follows at a time", 1);
  group.text("--longest", "N", "symbols that an answer has at most", "half as many again as any target has",
             [&](const std::string& text) { settings.longest = parse_count("--longest", text, 1); });
}

Results results_of(const TranslateEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          evaluation.diverged ? diverged_problem(model, "it gives no finite numbers") : "",
          evaluation.left_out};
}

class TranslateTask final : public Task {
 public:
  std::string_view name() const noexcept override { return TranslateSettings::kTask; }
  void add_train(CLI::App& train, Commands& commands) const override;

  std::uint64_t seed(const std::string& settings_file) const override {
    return read_settings<TranslateSettings>(settings_file).training.seed;
  }
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    auto settings = read_settings<TranslateSettings>(settings_file);
    require_pairs(settings, settings_file);
    if (seed) settings.training.seed = *seed;
    return train_translate(settings, folder, pool, &sink);
  }
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    return resume_translate(folder, pool, &sink);
  }

  OptionNames evaluate_options() const override {
    static constexpr std::array<std::string_view, 1> kOptions = {"--skip-bad"};
    return kOptions;
  }
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    return results_of(evaluate_translate(request.run, request.data, pool, skip_bad(request.skip_bad)),
                      request.run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    const auto settings = read_settings<TranslateSettings>(folder.settings());
    if (!has_test(settings.split)) return {};
    const TranslateEvaluation evaluation = evaluate_translate(folder.path, std::nullopt, pool);
    const std::string run = std::filesystem::path(folder.path).lexically_normal().filename().string();
    write_file(
        folder.report(),
        render(report::translate_page({run.empty() ? folder.path : run, evaluation, read_log(folder.path),
                                       load_encoder_decoder<float>(folder.model()).metadata})));
    return results_of(evaluation, folder.model());
  }
  OptionNames predict_options() const override {
    static constexpr std::array<std::string_view, 2> kOptions = {"--beam", "--best"};
    return kOptions;
  }
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const override {
    predict_translations(request, write, pool);
  }
  std::string use(const RunFolder& folder) const override {
    return fmt::format("predict  carousel predict {} -", shell_word(folder.path));
  }

 private:
  int train(const CLI::App& parser, TranslateOptions options, const Common& common) const {
    require_value(parser, options.settings.data, "PAIRS, the file to learn from,");
    if (common.seed) options.settings.training.seed = *common.seed;
    if (options.out.empty()) options.out = standard_folder(options.settings.data, name());
    refuse_to_replace(options);
    const RunFolder folder{options.out};
    return run_training(*this, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return train_translate(options.settings, folder, pool, &sink);
    });
  }
};

void TranslateTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<TranslateOptions>();
  CLI::App* parser =
      add_parser(train, "translate", "trains a network to turn lines into other lines", *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.data = text; },
          "text file, UTF-8: source, TAB and target on each line; a source may come with several targets")
      ->type_name("PAIRS");
  common->of_several = "join several files to one";
  add_output_options(*parser, *options, "runs/NAME OF PAIRS");
  add_data_options(*parser, options->settings);
  add_network_options(*parser, options->settings);
  add_learning_options(*parser, options->settings);
  add_search_options(*parser, options->settings);
  set_examples(*parser, {"carousel train translate words.tsv --target-unit token",
                         "carousel train translate en.txt --target-file de.txt --source-unit word \\",
                         "    --target-unit word --hidden 256 --dropout 0.2 --time-limit 2h"});
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& translate_task() {
  static const TranslateTask task;
  return task;
}

}  // namespace carousel::cli
