// The learning rate as a function of how far training has come.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace carousel {

/// Each schedule reads the settings named with it.
struct ScheduleOptions {
  std::string name = "constant";    ///< constant, step, cosine, plateau
  double learning_rate = 1e-3;      ///< the highest rate
  std::size_t warm_up_updates = 0;  ///< with any schedule: the rate rises linearly over so many updates
  std::size_t step_epochs = 10;     ///< step: the rate is multiplied by factor every so many epochs
  double factor = 0.1;              ///< step, plateau: in (0, 1)
  std::size_t plateau_epochs = 5;   ///< plateau: epochs without a lower loss before the rate is multiplied
  double minimum_rate = 0;          ///< cosine: the rate at the end; plateau: never below
};

/// A place in a run, before an update.
struct SchedulePlace {
  std::size_t epoch = 0;   ///< epochs done
  std::size_t update = 0;  ///< updates done
  double fraction = 0;     ///< of all epochs' batches done, in [0, 1]
};

class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double rate(const SchedulePlace& place) const = 0;
  /// Told after each epoch: the validation loss, or the training loss where there is no validation part.
  virtual void epoch_done(double loss) { (void)loss; }
  /// What epoch_done has changed, as a window: for checkpoints.
  virtual std::span<double> state() { return {}; }
};

/// Throws SettingError for an unknown name or a value out of range.
std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& options);

}  // namespace carousel
