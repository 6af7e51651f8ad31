#include "app/cli/option_group.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"

namespace carousel::cli {

void OptionGroup::text(const std::string& flag, const std::string& value, const std::string& description,
                       const std::string& standard, const std::function<void(const std::string&)>& set) {
  add_value(parser_, flag, value, description, standard, set)->group(name_);
}

void OptionGroup::count(const std::string& flag, std::size_t& target, const std::string& description,
                        std::uint64_t min) {
  text(flag, "N", description, std::to_string(target),
       [flag, min, &target](const std::string& text) { target = parse_count(flag, text, min); });
}

void OptionGroup::count(const std::string& flag, std::optional<std::size_t>& target,
                        const std::string& description, const std::string& standard, std::uint64_t min) {
  text(flag, "N", description, standard,
       [flag, min, &target](const std::string& text) { target = parse_count(flag, text, min); });
}

void OptionGroup::real(const std::string& flag, double& target, const std::string& description) {
  text(flag, "X", description, fmt::format("{}", target),
       [flag, &target](const std::string& text) { target = parse_real(flag, text); });
}

void OptionGroup::flag(const std::string& flag, bool& target, const std::string& description) {
  parser_.add_flag(flag, target, description)->group(name_);
}

void OptionGroup::names(const std::string& flag, std::vector<std::string>& target,
                        const std::string& description, const std::string& standard) {
  text(flag, "NAMES", description, standard,
       [flag, &target](const std::string& text) { target = parse_list(flag, text); });
}

void add_update_options(OptionGroup& group, TrainingSettings& settings, const std::string& rate) {
  group.text("--learning-rate", "X",
             "the highest one; of adafactor relative to the size of the weights, such as 0.01", rate,
             [&](const std::string& text) {
               settings.schedule.learning_rate = parse_real("--learning-rate", text);
             });
  group.text("--optimizer", "WORD", "adam, adamw, adafactor, rmsprop or sgd", settings.optimizer.name,
             [&](const std::string& text) { settings.optimizer.name = text; });
  group.real("--momentum", settings.optimizer.momentum, "of sgd and rmsprop");
  group.real("--weight-decay", settings.optimizer.weight_decay, "of adamw");
  group.text("--schedule", "WORD", "of the learning rate: constant, step, cosine or plateau",
             settings.schedule.name, [&](const std::string& text) { settings.schedule.name = text; });
  group.count("--warm-up", settings.schedule.warm_up_updates, "updates in which the rate rises from 0");
  group.text(
      "--time-limit", "TIME", "ends training after so long: 90s, 5m, 1h30m", "none",
      [&](const std::string& text) { settings.time_limit_seconds = parse_duration("--time-limit", text); });
}

void add_method_option(OptionGroup& group, TrainingSettings& settings) {
  group.text("--method", "WORD",
             "how weights are learned: bptt, online_1997, lstm_g, kalman, evolino, evolution_strategy, "
             "cma_es, xnes or "
             "genetic; its options stand in run.toml, [method]",
             std::string(name(settings.method.name)),
             [&](const std::string& text) { settings.method.name = parse_method(text); });
}

void add_training_options(OptionGroup& group, TrainingSettings& settings, const std::string& batch,
                          const std::string& recompute) {
  group.text("--batch", "N", batch,
             settings.batch == 0 ? "by the length of the data" : std::to_string(settings.batch),
             [&](const std::string& text) { settings.batch = parse_count("--batch", text, 1); });
  add_update_options(group, settings, fmt::format("{}", settings.schedule.learning_rate));
  group.real("--clip-norm", settings.clip_norm, "longest gradient; 0: any");
  group.real(
      "--average", settings.average,
      "such as 0.999: judged and kept is not what the last update led to but the mean over about the last "
      "1 / (1 - X) updates; 0: no mean");
  if (!recompute.empty()) group.flag("--recompute", settings.recompute, recompute);
  group.count("--patience", settings.patience,
              "epochs without a better validation loss; 0: all epochs are run");
}

}  // namespace carousel::cli
