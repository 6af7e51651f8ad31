// The options that classify, label and transcribe have in common.
#pragma once

#include "tasks/sequence_settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace carousel::cli {

/// `settings` must outlive the parser.
void add_example_options(CLI::App& parser, SequenceSettings& settings);
void add_sequence_network_options(CLI::App& parser, SequenceSettings& settings);
void add_sequence_training_options(CLI::App& parser, SequenceSettings& settings);

}  // namespace carousel::cli
