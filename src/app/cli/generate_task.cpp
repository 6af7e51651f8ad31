// carousel train generate DATA, and what resume, evaluate and report do with its runs.
#include <carousel/error.h>
#include <carousel/model.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/comparison.h"
#include "app/cli/language_text.h"
#include "app/cli/music_text.h"
#include "app/cli/option_group.h"
#include "app/cli/shell_words.h"
#include "app/cli/task.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/training_run.h"
#include "app/report/language_page.h"
#include "app/report/music_page.h"
#include "base/file.h"
#include "tasks/data_file.h"
#include "tasks/generate.h"
#include "tasks/generate_model.h"
#include "tasks/language_evaluation.h"
#include "tasks/music_evaluation.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

namespace {

struct GenerateOptions : TrainOutput {
  GenerateSettings settings;
};

void add_data_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Data");
  group.text("--unit", "WORD",
             "what the data are made of: character, word, byte-pair piece of words, or note",
             "note for .mid, .midi, .mat, .npy, .json and folders, else character",
             [&](const std::string& text) { settings.unit = parse_generate_unit(text); });
  group.text("--split", "PARTS",
             "training, validation and test part, in order: shares, or numbers of characters, of words (also "
             "for byte pairs), or of pieces of music; one or two numbers are of the last ones",
             "the parts that music is in already, else 0.8,0.1,0.1; of a text 0.9,0.05,0.05",
             [&](const std::string& text) { settings.split = parse_split(text); });
}

void add_text_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Text");
  group.text("--vocabulary", "N",
             "most different characters, words or pieces; others are unknown, but of pieces none",
             "10000, of pieces by the text's length",
             [&](const std::string& text) { settings.vocabulary = parse_count("--vocabulary", text, 1); });
  group.text("--invalid", "WORD", "bytes that are not UTF-8: error, or replace",
             std::string(name(settings.invalid)),
             [&](const std::string& text) { settings.invalid = parse_invalid_text(text); });
  group.count("--embedding", settings.embedding, "numbers that stand for a character, word or piece", 1);
}

void add_music_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Music");
  group.text("--keys", "WORD", "piano, its 88 keys, or all 128 pitches", std::string(name(settings.keys)),
             [&](const std::string& text) { settings.keys = parse_piano_keys(text); });
  group.text("--steps-per-beat", "X", "that MIDI files are read with, and songs written with",
             "4; of piano rolls, which are in steps already, 1", [&](const std::string& text) {
               settings.steps_per_beat = parse_real("--steps-per-beat", text);
             });
  group.flag("--skip-bad", settings.skip_bad, "goes on without pieces that cannot be read, and lists them");
  group.count("--transpose", settings.transpose,
              "moves each piece to train on by up to so many semitones, anew in every epoch");
}

void add_network_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC",
             "the layers in front of the output as text, e.g. \"lstm 512, dropout 0.2, lstm 512\"",
             "from --hidden and --dropout", [&](const std::string& text) { settings.layers = text; });
  group.count("--hidden", settings.hidden, "hidden units of the LSTM layer", 1);
  group.text("--dropout", "X", "share of its outputs that is dropped in training", "0; of music 0.5",
             [&](const std::string& text) { settings.dropout = parse_real("--dropout", text); });
}

void add_learning_options(CLI::App& parser, GenerateSettings& settings) {
  OptionGroup group(parser, "Training");
  group.text("--epochs", "N", "at most so many times through the data", "20; of music 100",
             [&](const std::string& text) { settings.training.epochs = parse_count("--epochs", text, 1); });
  group.text(
      "--chunk", "N",
      "characters, words, pieces or steps between two updates; the state is carried on within a text or "
      "piece of music",
      "100; of music 1000",
      [&](const std::string& text) { settings.chunk = parse_count("--chunk", text, 1); });
  add_method_option(group, settings.training);
  add_training_options(group, settings.training, "streams that a text is cut into, or pieces of music",
                       "less memory for long chunks, a third more time, other last bits of the weights");
}

/// Of a LanguageEvaluation or a MusicEvaluation.
template <class Evaluation>
Results results_of(const Evaluation& evaluation, const std::string& model) {
  const Terminal terminal(1);
  return {evaluation_text(evaluation, terminal.columns(), terminal.colours()), evaluation_json(evaluation),
          evaluation.diverged ? diverged_problem(model, "its score is no finite number") : ""};
}

/// Writes what page_of makes of an evaluation on the test part. Page: LanguagePage or MusicPage.
template <class Page, class Evaluation, class PageOf>
Results written_report(const RunFolder& folder, const GenerateSettings& settings,
                       const Evaluation& evaluation, const PageOf& page_of) {
  const std::string run = std::filesystem::path(folder.path).lexically_normal().filename().string();
  const Page page{run.empty() ? folder.path : run, settings, evaluation, read_log(folder.path),
                  Model::load(folder.model()).metadata()};
  write_file(folder.report(), render(page_of(page)));
  return results_of(evaluation, folder.model());
}

/// Whether there is something to judge a run on.
bool has_test_part(const GenerateSettings& settings) {
  if (settings.split) return has_test(*settings.split);
  return prepare_music_data(settings).parts.test.size() > 0;
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

  OptionNames evaluate_options() const override {
    static constexpr std::array<std::string_view, 1> kOptions = {"--skip-bad"};
    return kOptions;
  }
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork&) const override {
    const auto& [run, data] = std::tie(request.run, request.data);
    if (unit_of_model(run) == GenerateUnit::note) {
      const MusicEvaluation evaluation = evaluate_music(run, data, pool, skip_bad(request.skip_bad));
      Results results = results_of(evaluation, run);
      results.left_out = evaluation.left_out;
      return results;
    }
    if (request.skip_bad)
      throw SettingError(
          fmt::format("--skip-bad: it is of music, and {} is a model of texts; leave it out", run));
    return results_of(evaluate_generate(run, data, pool), run);
  }
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork&) const override {
    const auto settings = read_settings<GenerateSettings>(folder.settings());
    if (!has_test_part(settings)) return {};
    if (settings.music())
      return written_report<report::MusicPage>(
          folder, settings, evaluate_music(folder.path, std::nullopt, pool), report::music_page);
    return written_report<report::LanguagePage>(
        folder, settings, evaluate_generate(folder.path, std::nullopt, pool), report::language_page);
  }
  void predict(const PredictRequest& request, const WriteText&, ThreadPool&) const override {
    throw SettingError(
        fmt::format("{}: a model of this task predicts no file, it writes; use carousel generate {}",
                    request.run, shell_word(request.run)));
  }
  std::string use(const RunFolder& folder) const override {
    const auto settings = read_settings<GenerateSettings>(folder.settings());
    return fmt::format("write    carousel generate {}{}", shell_word(folder.path),
                       settings.music() ? " --out song.mid" : "");
  }

 private:
  int train(const CLI::App& parser, GenerateOptions options, const Common& common) const {
    require_value(parser, options.settings.data, "DATA, the text or music to learn from,");
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
  CLI::App* parser =
      add_parser(train, "generate", "trains a network to write like a text, or music", *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.data = text; },
          "text file, UTF-8; or music: a MIDI file, a folder of them, or piano rolls (.mat, .npy, .json)")
      ->type_name("DATA");
  common->of_several = "join texts to one file, and put several files of music into a folder";
  add_output_options(*parser, *options, "runs/NAME OF DATA");
  add_data_options(*parser, options->settings);
  add_text_options(*parser, options->settings);
  add_music_options(*parser, options->settings);
  add_network_options(*parser, options->settings);
  add_learning_options(*parser, options->settings);
  set_examples(*parser,
               {"carousel train generate shakespeare.txt",
                "carousel train generate news.txt --unit word --hidden 512 --dropout 0.3 --time-limit 1h",
                "carousel train generate JSB_Chorales.mat"});
  commands.push_back(
      {parser, common, [this, parser, options, common] { return this->train(*parser, *options, *common); }});
}

}  // namespace

const Task& generate_task() {
  static const GenerateTask task;
  return task;
}

}  // namespace carousel::cli
