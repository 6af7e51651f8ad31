#include "app/cli/train_output.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/arguments.h"
#include "app/cli/shell_words.h"
#include "tasks/run_folder.h"

namespace carousel::cli {

void add_output_options(CLI::App& parser, TrainOutput& output, const std::string& standard) {
  add_value(parser, "--out", "RUN", "folder for model, log, checkpoint and report", standard,
            [&](const std::string& text) { output.out = text; })
      ->group("Output");
  parser.add_flag("--overwrite", output.overwrite, "replace a run that is in the folder")->group("Output");
}

std::string standard_folder(const std::string& data, std::string_view task) {
  const std::string stem = std::filesystem::path(data).stem().string();
  const bool named = !stem.empty() && stem != "-" && stem != "." && stem != "..";
  return "runs/" + (named ? stem : std::string(task));
}

void refuse_to_replace(const TrainOutput& output) {
  if (RunFolder{output.out}.exists() && !output.overwrite)
    throw SettingError(
        fmt::format("{} holds a run already: go on with it (carousel resume {}), name another folder "
                    "with --out, or replace it with --overwrite",
                    output.out, shell_word(output.out)));
}

}  // namespace carousel::cli
