// The options of `carousel train detect`.
#pragma once

#include "tasks/detect_settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace carousel::cli {

/// `settings` must outlive the parser.
void add_detect_options(CLI::App& parser, DetectSettings& settings);

}  // namespace carousel::cli
