// carousel train generate TEXT, and what resume, evaluate and report do with its runs.
#include <carousel/error.h>
#include <carousel/model.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/language_text.h"
#include "app/cli/option_group.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "app/report/language_page.h"
#include "base/file.h"
#include "tasks/data_file.h"
#include "tasks/generate.h"
#include "tasks/language_evaluation.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct GenerateOptions : TrainOutput {
  GenerateSettings settings;
};

void add_data_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Data");
  group.text("--unit", "WORD", "what the text is made of: character, word, or byte-pair piece of words",
             std::string(name(settings.unit)),
             [&](const std::string& text) { settings.unit = parse_text_unit(text); });
  group.text("--vocabulary", "N",
             "most different characters, words or pieces; others are unknown, but of pieces none",
             "10000, of pieces by the text's length",
             [&](const std::string& text) { settings.vocabulary = parse_count("--vocabulary", text, 1); });
  group.text("--invalid", "WORD", "bytes that are not UTF-8: error, or replace",
             std::string(name(settings.invalid)),
             [&](const std::string& text) { settings.invalid = parse_invalid_text(text); });
  group.text("--split", "PARTS", "training, validation and test part, in order: shares, or numbers of pieces",
             to_string(settings.split), [&](const std::string& text) { settings.split = parse_split(text); });
}

void add_network_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC",
             "the layers between embedding and output as text, e.g. \"lstm 512, dropout 0.2, lstm 512\"",
             "from --hidden and --dropout", [&](const std::string& text) { settings.layers = text; });
  group.count("--embedding", settings.embedding, "numbers that stand for a character, word or piece", 1);
  group.count("--hidden", settings.hidden, "hidden units of the LSTM layer", 1);
  group.real("--dropout", settings.dropout, "share of its outputs that is dropped in training");
}

void add_learning_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Training");
  group.text("--epochs", "N", "at most so many times through the text", "20",
             [&](const std::string& text) { settings.training.epochs = parse_count("--epochs", text, 1); });
  group.count("--chunk", settings.chunk,
              "characters, words or pieces between two updates; the state is carried on", 1);
  add_training_options(group, settings.training, "streams that the text is cut into",
                       "less memory for long chunks, a third more time, other last bits of the weights");
}

Results results_of(const LanguageEvaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  Results results{
      evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation), {}};
  if (evaluation.diverged)
    results.problem = fmt::format(
        "{}: its score is no finite number: training has diverged; try a smaller --learning-rate or "
        "--clip-norm",
        model);
  return results;
}

class GenerateTask final : public Task {
 public:
  std::string_view name() const noexcept override { return GenerateSettings::kTask; }
  void add_train(CLI::App& train, Commands& commands) const override;

  std::uint64_t seed(const std::string& settings_file) const override {
    return read_settings<GenerateSettings>(settings_file).training.seed;
  }
  TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                             const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    auto settings = read_settings<GenerateSettings>(settings_file);
    require_data(settings.data, settings_file, RunFolder::kNewPath);
    if (seed) settings.training.seed = *seed;
    return train_generate(settings, folder, pool, &sink);
  }
  TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const override {
    return resume_generate(folder, pool, &sink);
  }

  Results evaluate(const std::string& run, const std::optional<std::string>& data,
                   ThreadPool& pool) const override {
    return results_of(evaluate_generate(run, data, pool), run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool) const override {
    const auto settings = read_settings<GenerateSettings>(folder.settings());
    if (!std::visit([](const auto& parts) { return parts.test > 0; }, settings.split)) return {};
    const LanguageEvaluation evaluation = evaluate_generate(folder.path, std::nullopt, pool);
    const std::string run = std::filesystem::path(folder.path).lexically_normal().filename().string();
    write_file(folder.report(), render(report::language_page({run.empty() ? folder.path : run, settings,
                                                              evaluation, read_log(folder.path),
                                                              Model::load(folder.model()).metadata()})));
    return results_of(evaluation, folder.model());
  }
  void predict(const PredictRequest& request, const WriteText&, ThreadPool&) const override {
    throw SettingError(
        fmt::format("{}: a language model predicts no file, it writes; use carousel generate {}", request.run,
                    shell_word(request.run)));
  }
  std::string use(const RunFolder& folder) const override {
    return fmt::format("write    carousel generate {}", shell_word(folder.path));
  }

 private:
  int train(const CLI::App& parser, GenerateOptions options, const Common& common) const {
    require_value(parser, options.settings.data, "TEXT, the file to learn from,");
    if (common.seed) options.settings.training.seed = *common.seed;
    if (options.out.empty()) options.out = standard_folder(options.settings.data, name());
    refuse_to_replace(options);
    const RunFolder folder{options.out};
    return run_training(*this, folder, common, [&](ThreadPool& pool, RunSink& sink) {
      return train_generate(options.settings, folder, pool, &sink);
    });
  }
};

void GenerateTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<GenerateOptions>();
  CLI::App* parser = add_parser(train, "generate", "trains a network to write like a text", *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.data = text; }, "text file, UTF-8")
      ->type_name("TEXT");
  add_output_options(*parser, *options, "runs/NAME OF TEXT");
  add_data_options(*parser, options->settings);
  add_network_options(*parser, options->settings);
  add_learning_options(*parser, options->settings);
  set_examples(*parser,
               {"carousel train generate shakespeare.txt",
                "carousel train generate news.txt --unit word --hidden 512 --dropout 0.3 --time-limit 1h"});
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& generate_task() {
  static const GenerateTask task;
  return task;
}

}  // namespace carousel::cli
