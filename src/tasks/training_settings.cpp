#include "tasks/training_settings.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <limits>

#include "tasks/setting_checks.h"

namespace carousel {

TrainingOptions TrainingSettings::options(const std::string& checkpoint_path) const {
  TrainingOptions options;
  options.epochs = epochs;
  options.optimizer = optimizer;
  options.schedule = schedule;
  options.clip_norm = clip_norm;
  options.average = average;
  options.recompute = recompute;
  options.patience = patience;
  options.time_limit_seconds = time_limit_seconds;
  options.seed = seed;
  options.checkpoint_path = checkpoint_path;
  return options;
}

void check_settings(const TrainingSettings& s) {
  check_count("epochs", s.epochs, 0, kMostCount);
  check_count("updates_per_epoch", s.updates_per_epoch, 0, kMostCount);
  check_count("batch", s.batch, 0, kMostSteps);
  make_optimizer<float>(s.optimizer, 1);
  make_schedule(s.schedule);
  check_number("clip_norm", s.clip_norm, 0, std::numeric_limits<double>::max());
  check_average(s.average);
  const auto of_bptt = [&](const char* setting, bool used) {
    if (used && s.method.name != Method::bptt)
      throw SettingError(
          fmt::format("{} is for method bptt, not for {}; leave it out", setting, name(s.method.name)));
  };
  of_bptt("average", s.average > 0);
  of_bptt("recompute", s.recompute);
  check_count("patience", s.patience, 0, kMostCount);
  check_number("time_limit", s.time_limit_seconds, 0, std::numeric_limits<double>::max());
  check_count("seed", s.seed, 0,
              std::size_t{std::numeric_limits<std::int64_t>::max()});  // what TOML can hold
}

}  // namespace carousel
