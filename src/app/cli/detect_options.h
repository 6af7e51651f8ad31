// The options of `carousel train detect`.
#pragma once

#include <CLI/CLI.hpp>

#include "tasks/detect_settings.h"

namespace carousel::cli {

/// `settings` must outlive the parser.
void add_detect_options(CLI::App& parser, DetectSettings& settings);

}  // namespace carousel::cli
