#include "app/cli/sequence_task.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/sequence_options.h"
#include "app/cli/shell_words.h"
#include "app/cli/training_run.h"
#include "tasks/data_file.h"
#include "tasks/sequence_training.h"

namespace carousel::cli {

namespace {

struct SequenceOptions : TrainOutput {
  SequenceSettings settings;
};

/// Of files: how one DATA holds them.
std::string advice_for_several(SequenceJob job) {
  return fmt::format(
      "name several files in one CSV file with columns path and {}{}",
      job == SequenceJob::transcribe ? "text" : "label",
      job == SequenceJob::classify ? ", or put them into a folder with a folder for each class" : "");
}

}  // namespace

void SequenceTask::add_train(CLI::App& train, Commands& commands) const {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<SequenceOptions>();
  options->settings = standard();
  SequenceSettings& settings = options->settings;
  const Help told = help();
  CLI::App* parser = add_parser(train, std::string(name()), told.description, *common);
  parser
      ->add_option_function<std::string>(
          "data", [options](const std::string& text) { options->settings.data = text; },
          "file or folder of examples")
      ->type_name("DATA");
  common->of_several = advice_for_several(job());
  add_output_options(*parser, *options, "runs/NAME OF DATA");
  add_example_options(*parser, settings);
  add_own_options(*parser, settings);
  add_sequence_network_options(*parser, settings);
  add_sequence_training_options(*parser, settings);
  set_examples(*parser, told.examples);
  commands.push_back({parser, common, [this, parser, options, common] {
                        SequenceOptions chosen = *options;
                        require_value(*parser, chosen.settings.data, "DATA, the examples to learn from,");
                        if (common->seed) chosen.settings.training.seed = *common->seed;
                        if (chosen.out.empty()) chosen.out = standard_folder(chosen.settings.data, name());
                        refuse_to_replace(chosen);
                        const RunFolder folder{chosen.out};
                        return run_training(*this, folder, *common, [&](ThreadPool& pool, RunSink& sink) {
                          return train_sequences(chosen.settings, folder, pool, &sink);
                        });
                      }});
}

std::uint64_t SequenceTask::seed(const std::string& settings_file) const {
  return read_sequence_settings(job(), settings_file).training.seed;
}

TrainingResult SequenceTask::train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                                         const RunFolder& folder, ThreadPool& pool, RunSink& sink) const {
  SequenceSettings settings = read_sequence_settings(job(), settings_file);
  require_data(settings.data, settings_file, RunFolder::kNewPath);
  if (seed) settings.training.seed = *seed;
  return train_sequences(settings, folder, pool, &sink);
}

TrainingResult SequenceTask::resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const {
  return resume_sequences(job(), folder, pool, &sink);
}

std::string SequenceTask::use(const RunFolder& folder) const {
  return fmt::format("predict  carousel predict {} DATA", shell_word(folder.path));
}

std::string run_name(const RunFolder& folder) {
  const std::string name = std::filesystem::path(folder.path).lexically_normal().filename().string();
  return name.empty() ? folder.path : name;
}

}  // namespace carousel::cli
