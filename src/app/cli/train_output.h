// Where a training run goes: --out and --overwrite.
#pragma once

#include <string>

#include "app/cli/command.h"

namespace carousel::cli {

struct TrainOutput {
  std::string out;  ///< folder of the run; "": the standard one
  bool overwrite = false;
};

/// `output` must outlive the parser. standard: what the help calls the standard folder.
void add_output_options(CLI::App& parser, TrainOutput& output, const std::string& standard);
/// "runs/NAME" of a data file, with the task's name where the file has none.
std::string standard_folder(const std::string& data, std::string_view task);
/// Throws SettingError where there is a run already and --overwrite was not given.
void refuse_to_replace(const TrainOutput& output);

}  // namespace carousel::cli
