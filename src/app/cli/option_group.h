// Options of one group of the help, each filling a place in the settings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tasks/training_settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace carousel::cli {

/// Places must outlive the parser; their values at this moment are shown as the defaults.
class OptionGroup {
 public:
  OptionGroup(CLI::App& parser, std::string name) : parser_(parser), name_(std::move(name)) {}

  void text(const std::string& flag, const std::string& value, const std::string& description,
            const std::string& standard, const std::function<void(const std::string&)>& set);
  void count(const std::string& flag, std::size_t& target, const std::string& description,
             std::uint64_t min = 0);
  void count(const std::string& flag, std::optional<std::size_t>& target, const std::string& description,
             const std::string& standard, std::uint64_t min);
  void real(const std::string& flag, double& target, const std::string& description);
  void flag(const std::string& flag, bool& target, const std::string& description);
  void names(const std::string& flag, std::vector<std::string>& target, const std::string& description,
             const std::string& standard);

 private:
  CLI::App& parser_;
  std::string name_;
};

/// Those of TrainingSettings that say how gradients change weights, and the time limit. rate: the standard
/// learning rate as the help says it.
void add_update_options(OptionGroup& group, TrainingSettings& settings, const std::string& rate);

/// How weights are learned, for tasks where --method means nothing else.
void add_method_option(OptionGroup& group, TrainingSettings& settings);

/// What every task on examples has of TrainingSettings, but epochs. batch, recompute: what the help says of
/// these; a task without a word on recompute does not have it.
void add_training_options(OptionGroup& group, TrainingSettings& settings, const std::string& batch,
                          const std::string& recompute);

}  // namespace carousel::cli
