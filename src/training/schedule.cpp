#include "training/schedule.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/suggest.h"

namespace carousel {

namespace {

/// cos(pi x) for x in [0, 1], by the sine's Taylor series to z^21: libm's cos may differ between machines.
double cos_pi(double x) {
  const double z = 3.14159265358979323846 * (0.5 - x), square = z * z;
  double sum = 0;
  for (int n = 21; n > 1; n -= 2) sum = (1 + sum) * (-square / (n * (n - 1)));
  return z * (1 + sum);
}

class Constant final : public Schedule {
 public:
  explicit Constant(const ScheduleOptions& options) : rate_(options.learning_rate) {}
  double rate(const SchedulePlace&) const override { return rate_; }

 private:
  double rate_;
};

/// learning_rate factor^(epochs done / step_epochs)
class Step final : public Schedule {
 public:
  explicit Step(const ScheduleOptions& options) : options_(options) {}
  double rate(const SchedulePlace& place) const override {
    double rate = options_.learning_rate;
    for (std::size_t n = place.epoch / options_.step_epochs; n > 0 && rate > 0; --n) rate *= options_.factor;
    return rate;
  }

 private:
  ScheduleOptions options_;
};

/// Half a cosine from learning_rate down to minimum_rate over the whole run.
/// Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, without restarts.
class Cosine final : public Schedule {
 public:
  explicit Cosine(const ScheduleOptions& options)
      : high_(options.learning_rate), low_(options.minimum_rate) {}
  double rate(const SchedulePlace& place) const override {
    return low_ + (high_ - low_) * (1 + cos_pi(std::clamp(place.fraction, 0.0, 1.0))) / 2;
  }

 private:
  double high_, low_;
};

/// Multiplies the rate by factor whenever plateau_epochs epochs in a row brought no lower loss.
class Plateau final : public Schedule {
 public:
  explicit Plateau(const ScheduleOptions& options) : options_(options) { state_[0] = options.learning_rate; }
  double rate(const SchedulePlace&) const override { return state_[0]; }

  void epoch_done(double loss) override {
    double& rate = state_[0];
    double& best = state_[1];
    double& waited = state_[2];
    if (loss < best) {
      best = loss;
      waited = 0;
    } else if (++waited >= static_cast<double>(options_.plateau_epochs)) {
      rate = std::max(rate * options_.factor, options_.minimum_rate);
      waited = 0;
    }
  }

  std::span<double> state() override { return state_; }

 private:
  ScheduleOptions options_;
  std::array<double, 3> state_ = {0, std::numeric_limits<double>::infinity(),
                                  0};  // rate, best loss, epochs waited
};

/// The first `updates` updates at 1/updates, 2/updates, ... of the rate that another schedule gives.
class WarmUp final : public Schedule {
 public:
  WarmUp(std::unique_ptr<Schedule> inner, std::size_t updates)
      : inner_(std::move(inner)), updates_(updates) {}
  double rate(const SchedulePlace& place) const override {
    const double full = inner_->rate(place);
    if (place.update >= updates_) return full;
    return full * static_cast<double>(place.update + 1) / static_cast<double>(updates_);
  }
  void epoch_done(double loss) override { inner_->epoch_done(loss); }
  std::span<double> state() override { return inner_->state(); }

 private:
  std::unique_ptr<Schedule> inner_;
  std::size_t updates_;
};

std::unique_ptr<Schedule> make_unwarmed(const ScheduleOptions& options) {
  if (options.name == "constant") return std::make_unique<Constant>(options);
  if (options.name == "step") return std::make_unique<Step>(options);
  if (options.name == "cosine") return std::make_unique<Cosine>(options);
  if (options.name == "plateau") return std::make_unique<Plateau>(options);
  const std::array<std::string, 4> known = {"constant", "step", "cosine", "plateau"};
  throw SettingError(
      fmt::format("schedule '{}' is not known; {}", options.name, suggestion(options.name, known)));
}

}  // namespace

std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& options) {
  if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate))
    throw SettingError(fmt::format("learning_rate must be a number above 0, got {}", options.learning_rate));
  if (!(options.factor > 0 && options.factor < 1))
    throw SettingError(fmt::format("schedule: factor must lie between 0 and 1, got {}", options.factor));
  if (!(options.minimum_rate >= 0 && options.minimum_rate <= options.learning_rate))
    throw SettingError(
        fmt::format("schedule: minimum_rate must lie between 0 and the learning rate {}, got {}",
                    options.learning_rate, options.minimum_rate));
  if (options.step_epochs == 0) throw SettingError("schedule: step_epochs must be at least 1, got 0");
  if (options.plateau_epochs == 0) throw SettingError("schedule: plateau_epochs must be at least 1, got 0");
  std::unique_ptr<Schedule> schedule = make_unwarmed(options);
  if (options.warm_up_updates == 0) return schedule;
  return std::make_unique<WarmUp>(std::move(schedule), options.warm_up_updates);
}

}  // namespace carousel
