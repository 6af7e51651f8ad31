#include "training/learning_run.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/float_mode.h"

namespace carousel {

namespace {

constexpr std::size_t kMostEpochs = std::size_t{1} << 36;

void check(const LearningRunOptions& o) {
  if (o.epochs < 1 || o.epochs >= kMostEpochs)
    throw SettingError(fmt::format("epochs: found {}, expected from 1 to 2^36 - 1", o.epochs));
  const auto at_least_0 = [](const char* name, double value) {
    if (!(value >= 0) || !std::isfinite(value))
      throw SettingError(fmt::format("{}: found {}, expected a number of at least 0", name, value));
  };
  at_least_0("time_limit_seconds", o.time_limit_seconds);
  at_least_0("checkpoint_seconds", o.checkpoint_seconds);
}

/// Sums over the epoch under way.
struct EpochSums {
  double loss = 0;
  std::size_t count = 0;
  double norms = 0;  // of all updates
  std::size_t updates = 0;
  std::size_t sequences = 0;
  double began = 0;  // seconds of training when the epoch began
};

}  // namespace

template <class T>
struct LearningRun<T>::State {
  Learner<T>& learner;
  LearningRunOptions options;
  LearningWatch<T> watch;

  // What a checkpoint holds beside the learner's own.
  std::size_t epoch = 0, step = 0, update = 0;  // done
  EpochSums sums;
  AlignedVector<T> best_weights;
  bool best_is_new = false;  // on_best has not been told
  std::size_t best_epoch = 0;
  double best_loss = std::numeric_limits<double>::infinity();
  std::size_t waited = 0;                               // epochs since the best
  double learning_rate = ProgressRecord::kNotMeasured;  // of the last step
  double fraction = 0;
  double seconds_before = 0;  // of training before this process
  std::vector<ProgressRecord> history;

  std::size_t steps = 1;  // of the epoch under way
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now(), last_save = start;
  std::string last_good = "none: the first epoch was not finished";

  static double since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }
  double seconds() const { return seconds_before + since(start); }
  bool out_of_time() const {
    return options.time_limit_seconds > 0 && seconds() >= options.time_limit_seconds;
  }

  StopReason lead() {
    while (true) {
      if (epoch > 0 && step == 0) {
        if (history.back().best && best_loss <= options.target_loss) return StopReason::target;
        if (options.patience > 0 && waited >= options.patience) return StopReason::patience;
        if (out_of_time()) return StopReason::time;
      }
      if (epoch >= options.epochs) return StopReason::finished;
      steps = learner.steps(epoch);
      if (!learn_epoch()) return StopReason::interrupted;
    }
  }

  /// False: asked to stop.
  bool learn_epoch() {
    while (true) {
      ProgressRecord done = learn();
      const bool last = epoch_fraction() >= 1 || out_of_time();
      if (last) end_epoch();
      if (watch.sink != nullptr) {
        watch.sink->on_batch(done);
        if (last) watch.sink->on_epoch(history.back());
        if (watch.sink->should_stop()) return false;
      }
      if (since(last_save) >= options.checkpoint_seconds || (last && epoch == 1)) save();
      if (last) return true;
    }
  }

  ProgressRecord learn() {
    const LearningStep came = learner.step({epoch, step, update, run_fraction()});
    if (!std::isfinite(came.loss))
      throw TrainingError(fmt::format("step {}: the loss is {}", step + 1, came.loss));
    ++step, update += came.updates;
    sums.loss += came.loss, sums.count += came.count, sums.sequences += came.sequences;
    sums.updates += came.updates;
    if (came.updates > 0) sums.norms += came.gradient_norm * static_cast<double>(came.updates);
    learning_rate = came.learning_rate;
    ProgressRecord r = record();
    if (came.count > 0) r.loss = came.loss / static_cast<double>(came.count);
    r.gradient_norm = came.gradient_norm;
    return r;
  }

  void end_epoch() {
    ProgressRecord done = record();
    if (sums.count > 0) done.loss = sums.loss / static_cast<double>(sums.count);
    done.gradient_norm = sums.norms / static_cast<double>(sums.updates);
    done.validation_loss = learner.validate();
    done.seconds = seconds();
    const bool validated = !std::isnan(done.validation_loss);
    const double watched = validated ? done.validation_loss : done.loss;
    done.best = !validated || watched < best_loss;
    ++epoch;
    step = 0;
    sums = {};
    sums.began = done.seconds;
    done.fraction = fraction = std::max(fraction, run_fraction());
    waited = done.best ? 0 : waited + 1;
    if (done.best) {
      best_epoch = epoch, best_loss = watched, best_is_new = true;
      const std::span<const T> weights = learner.weights();
      best_weights.assign(weights.begin(), weights.end());
    }
    learner.epoch_done(watched);
    history.push_back(done);
  }

  /// Independent of the clock: schedules depend on it.
  double run_fraction() const {
    return (static_cast<double>(epoch) + std::min(epoch_fraction(), 1.0)) /
           static_cast<double>(options.epochs);
  }
  double epoch_fraction() const {
    const double by_step = static_cast<double>(step) / static_cast<double>(steps);
    if (options.updates_per_epoch == 0) return by_step;
    return std::max(by_step,
                    static_cast<double>(sums.updates) / static_cast<double>(options.updates_per_epoch));
  }
  ProgressRecord record() {
    ProgressRecord r;
    r.epoch = epoch + 1, r.epochs = options.epochs;
    r.batch = step, r.batches = steps;
    r.update = update;
    r.learning_rate = learning_rate;
    r.seconds = seconds();
    r.sequences_per_second = static_cast<double>(sums.sequences) / std::max(r.seconds - sums.began, 1e-9);
    fraction = std::max(fraction, run_fraction());
    if (options.time_limit_seconds > 0)
      fraction = std::max(fraction, std::min(r.seconds / options.time_limit_seconds, 1.0));
    r.fraction = fraction;
    return r;
  }

  /// What goes into a checkpoint as it is.
  std::vector<std::pair<const char*, double*>> numbers() {
    return {{"best_loss", &best_loss},
            {"sums.loss", &sums.loss},
            {"sums.norms", &sums.norms},
            {"sums.began", &sums.began},
            {"fraction", &fraction}};
  }
  std::vector<std::pair<const char*, std::size_t*>> counts() {
    return {{"best_epoch", &best_epoch},
            {"waited", &waited},
            {"sums.count", &sums.count},
            {"sums.updates", &sums.updates},
            {"sums.sequences", &sums.sequences}};
  }
  void save() {
    if (best_is_new && watch.on_best) watch.on_best(best_weights, history.at(best_epoch - 1));
    best_is_new = false;
    last_save = Clock::now();
    if (options.checkpoint_path.empty()) {
      last_good = fmt::format("the weights of epoch {}", best_epoch);
      return;
    }
    Checkpoint<T> c;
    c.method = learner.method();
    c.seed = options.seed;
    c.epoch = epoch, c.batch = step, c.update = update;
    c.vectors["best_weights"] = best_weights;
    for (const auto& [name, value] : numbers()) c.numbers[name] = *value;
    for (const auto& [name, value] : counts()) c.numbers[name] = static_cast<double>(*value);
    c.numbers["seconds"] = seconds();
    c.history = history;
    learner.put(c);
    save_checkpoint(c, options.checkpoint_path);
    last_good =
        fmt::format("checkpoint {} ({} epochs and {} steps done)", options.checkpoint_path, epoch, step);
    if (watch.sink != nullptr) watch.sink->on_checkpoint(options.checkpoint_path);
  }

  void restore(const Checkpoint<T>& c) {
    if (c.method != learner.method() || c.seed != options.seed)
      throw ModelError(
          fmt::format("the checkpoint was written by '{}' with seed {}, this run is '{}' with seed {}",
                      c.method, c.seed, learner.method(), options.seed));
    // All is judged before anything changes.
    const AlignedVector<T>& best = c.vector("best_weights", learner.weights().size());
    for (const auto& entry : numbers()) c.number(entry.first);
    for (const auto& entry : counts()) c.count(entry.first);
    const double time = c.number("seconds");
    if (c.history.size() != c.epoch || c.count("best_epoch") > c.epoch)
      throw ModelError(
          fmt::format("the checkpoint contradicts itself: {} epochs done, {} recorded, the best is {}",
                      c.epoch, c.history.size(), c.count("best_epoch")));
    learner.take(c);
    for (const auto& [name, value] : numbers()) *value = c.number(name);
    for (const auto& [name, value] : counts()) *value = c.count(name);
    seconds_before = time;
    best_weights = best;
    best_is_new = best_epoch > 0;  // the model file may be of an earlier or later moment
    epoch = c.epoch, step = c.batch, update = c.update;
    history = c.history;
    last_good = fmt::format("the checkpoint gone on from (epoch {}, step {})", epoch + 1, step);
  }
};

template <class T>
LearningRun<T>::LearningRun(Learner<T>& learner, LearningRunOptions options, LearningWatch<T> watch)
    : state_(new State{.learner = learner,
                       .options = std::move(options),
                       .watch = std::move(watch),
                       .sums = {},
                       .best_weights = {learner.weights().begin(), learner.weights().end()},
                       .history = {}}) {
  check(state_->options);
}

template <class T>
LearningRun<T>::~LearningRun() = default;

template <class T>
void LearningRun<T>::resume(const Checkpoint<T>& checkpoint) {
  state_->restore(checkpoint);
}

template <class T>
TrainingResult LearningRun<T>::run() {
  const kernels::StandardFloatMode mode;
  State& s = *state_;
  s.start = s.last_save = State::Clock::now();
  TrainingResult result;
  try {
    result.stopped = s.lead();
    s.save();
  } catch (const TrainingError& error) {
    throw TrainingError(fmt::format("training stopped in epoch {}, {}; last good state: {}", s.epoch + 1,
                                    error.what(), s.last_good));
  }
  result.best_epoch = s.best_epoch;
  if (s.best_epoch > 0) result.best_validation_loss = s.history[s.best_epoch - 1].validation_loss;
  result.history = s.history;
  return result;
}

template <class T>
std::span<const T> LearningRun<T>::best_weights() const noexcept {
  return state_->best_weights;
}

template class LearningRun<float>;
template class LearningRun<double>;

}  // namespace carousel
