#include "training/trainer.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace carousel {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Sums over the epoch under way.
struct EpochSums {
  LossValue loss;
  double norms = 0;  // of the gradients of all updates
  std::size_t updates = 0;
  std::size_t sequences = 0;
  double began = 0;  // seconds of training when the epoch began
};

/// The first parameter whose values hold NaN or Inf, and which of them; "" if none does.
template <class T>
std::string first_non_finite(const ParameterTable& table, std::span<const T> values) {
  for (const Parameter& parameter : table.all())
    for (const T v : values.subspan(parameter.offset, parameter.shape.size()))
      if (!std::isfinite(v)) return fmt::format("{} is {}", parameter.name, v);
  return "";
}

void require(bool holds, const char* name, double value, const char* expected) {
  if (!holds) throw SettingError(fmt::format("{} must be {}, got {}", name, expected, value));
}

template <class T>
void check_options(const TrainingTask<T>& task, const TrainingOptions& options) {
  const auto at_least_0 = [](const char* name, double value) {
    require(value >= 0 && std::isfinite(value), name, value, "a number of at least 0");
  };
  require(options.epochs > 0, "epochs", 0, "at least 1");
  at_least_0("clip_norm", options.clip_norm);
  at_least_0("time_limit_seconds", options.time_limit_seconds);
  at_least_0("checkpoint_seconds", options.checkpoint_seconds);
  if (options.patience > 0 && task.validation == nullptr)
    throw SettingError("patience needs a validation part; give one, or set patience to 0");
  if (options.tbptt > 0 && !task.network.causal())
    throw SettingError(
        "tbptt carries states forward in time, which a network with reversed layers cannot; set it to 0");
}

}  // namespace

template <class T>
struct Trainer<T>::Run {
  TrainingTask<T> task;
  TrainingOptions options;
  std::unique_ptr<Optimizer<T>> optimizer;
  std::unique_ptr<Schedule> schedule;
  BatchRunner<T> runner;
  AlignedVector<T> gradient;

  // What a checkpoint holds, beside weights, optimizer, schedule and states.
  std::size_t epoch = 0, batch = 0, update = 0;  // done; batch: in the epoch under way
  EpochSums sums;
  AlignedVector<T> best_weights;
  std::size_t best_epoch = 0;
  double best_loss = std::numeric_limits<double>::infinity();
  std::size_t waited = 0;  // epochs since the best
  double learning_rate = ProgressRecord::kNotMeasured, gradient_norm = ProgressRecord::kNotMeasured;
  double fraction = 0;
  double seconds_before = 0;  // of training before this process
  std::vector<ProgressRecord> history;

  std::size_t batches = 0;  // of the epoch under way
  Clock::time_point start = Clock::now(), last_save = start;
  std::string last_good = "none: the first epoch was not finished";

  Run(TrainingTask<T> what, TrainingOptions how)
      : task(std::move(what)),
        options(std::move(how)),
        optimizer(make_optimizer<T>(options.optimizer, task.network.weights().size())),
        schedule(make_schedule(options.schedule)),
        runner(task.network, task.loss),
        gradient(task.network.weights().size()),
        best_weights(task.network.weights().begin(), task.network.weights().end()) {
    check_options(task, options);
  }

  std::string method() const { return "bptt " + options.optimizer.name; }
  double seconds() const { return seconds_before + seconds_since(start); }
  bool out_of_time() const {
    return options.time_limit_seconds > 0 && seconds() >= options.time_limit_seconds;
  }

  StopReason train();
  bool train_epoch();
  LossValue train_batch(const Batch<T>& data);
  LossValue train_chunk(const Sequences<T>& x, const Sequences<T>& targets);
  void change_weights();
  void end_epoch();

  double epoch_fraction() const;
  double run_fraction() const;
  ProgressRecord record();
  [[noreturn]] void stop(const std::string& what) const;
  void require_finite_weights() const;

  /// What goes into a checkpoint as it is.
  std::vector<std::pair<const char*, double*>> numbers() {
    return {{"best_loss", &best_loss},   {"sums.loss", &sums.loss.sum},     {"sums.norms", &sums.norms},
            {"sums.began", &sums.began}, {"learning_rate", &learning_rate}, {"gradient_norm", &gradient_norm},
            {"fraction", &fraction}};
  }
  std::vector<std::pair<const char*, std::size_t*>> counts() {
    return {{"best_epoch", &best_epoch},         {"waited", &waited},
            {"sums.targets", &sums.loss.count},  {"sums.updates", &sums.updates},
            {"sums.sequences", &sums.sequences}, {"optimizer.steps", &optimizer->steps}};
  }
  Checkpoint<T> checkpoint();
  void restore(const Checkpoint<T>& from);
  void save();
};

// ---- the run ----

template <class T>
StopReason Trainer<T>::Run::train() {
  while (true) {
    if (epoch >= options.epochs) return StopReason::finished;
    if (options.patience > 0 && waited >= options.patience) return StopReason::patience;
    if (out_of_time() && batch == 0) return StopReason::time;
    batches = task.training.batches(epoch);
    if (batches == 0) throw DataError(fmt::format("epoch {} has no batches to learn from", epoch + 1));
    if (!train_epoch()) return StopReason::interrupted;
    end_epoch();
  }
}

/// False: asked to stop.
template <class T>
bool Trainer<T>::Run::train_epoch() {
  while (epoch_fraction() < 1 && !(batch > 0 && out_of_time())) {
    const Batch<T> data = task.training.get(epoch, batch);
    const LossValue loss = train_batch(data);
    ++batch;
    sums.sequences += data.x.layout().batch();
    if (task.sink != nullptr) {
      ProgressRecord done = record();
      done.loss = loss.mean();
      done.gradient_norm = gradient_norm;
      task.sink->on_batch(done);
      if (task.sink->should_stop()) {
        save();
        return false;
      }
    }
    if (seconds_since(last_save) >= options.checkpoint_seconds && epoch_fraction() < 1) save();
  }
  return true;
}

template <class T>
LossValue Trainer<T>::Run::train_batch(const Batch<T>& data) {
  runner.begin(data);
  const std::size_t steps = data.x.layout().time();
  if (options.tbptt == 0 || steps <= options.tbptt) return train_chunk(data.x, data.targets);
  LossValue loss;
  for (std::size_t begin = 0; begin < steps; begin += std::min(options.tbptt, steps - begin)) {
    const std::size_t end = begin + std::min(options.tbptt, steps - begin);
    const LossValue chunk = train_chunk(slice_time(data.x, begin, end), slice_time(data.targets, begin, end));
    loss.sum += chunk.sum;
    loss.count += chunk.count;
  }
  return loss;
}

template <class T>
LossValue Trainer<T>::Run::train_chunk(const Sequences<T>& x, const Sequences<T>& targets) {
  Pass pass;
  pass.pool = &task.pool;
  pass.training = true;
  pass.truncate = options.truncate;
  pass.seed = options.seed;
  pass.update = update;
  const LossValue loss = runner.forward(pass, x, targets);
  if (!std::isfinite(loss.sum))
    stop(fmt::format("the loss is {}; it begins in {}", loss.sum, runner.first_non_finite(x, targets)));
  sums.loss.sum += loss.sum;
  sums.loss.count += loss.count;
  if (loss.count == 0) return loss;  // nothing to learn from: momentum must not move the weights either
  runner.backward(pass, x, gradient);
  change_weights();
  return loss;
}

template <class T>
void Trainer<T>::Run::change_weights() {
  gradient_norm = clip_by_norm<T>(gradient, options.clip_norm);
  if (!std::isfinite(gradient_norm)) {
    const std::string where = first_non_finite<T>(task.network.parameters(), gradient);
    stop(where.empty() ? fmt::format("the norm of the gradient is {}", gradient_norm)
                       : fmt::format("the gradient of {}", where));
  }
  learning_rate = schedule->rate({epoch, update, run_fraction()});
  task.network.update_weights(
      [&](std::span<T> weights) { optimizer->step(weights, gradient, learning_rate); });
  ++update;
  ++sums.updates;
  sums.norms += gradient_norm;
}

template <class T>
void Trainer<T>::Run::end_epoch() {
  if (sums.loss.count == 0)
    throw DataError(
        fmt::format("epoch {}: there is no target to learn from: every one is missing", epoch + 1));
  require_finite_weights();
  ProgressRecord done = record();
  done.loss = sums.loss.mean();
  done.gradient_norm = sums.norms / static_cast<double>(sums.updates);
  if (task.validation != nullptr) {
    done.validation_loss = evaluate_loss(task.network, task.loss, *task.validation, task.pool).mean();
    done.seconds = seconds();
  }
  const double watched = task.validation != nullptr ? done.validation_loss : done.loss;
  done.best = task.validation == nullptr || watched < best_loss;
  schedule->epoch_done(watched);
  ++epoch;
  batch = 0;
  sums = {};
  sums.began = seconds();
  done.fraction = fraction = std::max(fraction, run_fraction());
  waited = done.best ? 0 : waited + 1;
  if (done.best) {
    best_epoch = epoch;
    best_loss = watched;
    std::ranges::copy(task.network.weights(), best_weights.begin());
  }
  history.push_back(done);
  if (task.sink != nullptr) task.sink->on_epoch(done);
  if (done.best && task.on_best) task.on_best(best_weights, done);
  save();
}

// ---- where it stands ----

template <class T>
double Trainer<T>::Run::epoch_fraction() const {
  const double by_batch = static_cast<double>(batch) / static_cast<double>(batches);
  if (options.updates_per_epoch == 0) return by_batch;
  return std::max(by_batch,
                  static_cast<double>(sums.updates) / static_cast<double>(options.updates_per_epoch));
}

/// Independent of the clock: schedules depend on it.
template <class T>
double Trainer<T>::Run::run_fraction() const {
  return (static_cast<double>(epoch) + std::min(epoch_fraction(), 1.0)) / static_cast<double>(options.epochs);
}

template <class T>
ProgressRecord Trainer<T>::Run::record() {
  ProgressRecord r;
  r.epoch = epoch + 1;
  r.epochs = options.epochs;
  r.batch = batch;
  r.batches = batches;
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

/// Inside a batch only.
template <class T>
void Trainer<T>::Run::stop(const std::string& what) const {
  throw TrainingError(fmt::format("batch {}: {}", batch + 1, what));
}

template <class T>
void Trainer<T>::Run::require_finite_weights() const {
  const std::string where = first_non_finite<T>(task.network.parameters(), task.network.weights());
  if (!where.empty()) throw TrainingError(fmt::format("batch {}: after its update {}", batch, where));
}

// ---- checkpoints ----

template <class T>
Checkpoint<T> Trainer<T>::Run::checkpoint() {
  Checkpoint<T> c;
  c.method = method();
  c.seed = options.seed;
  c.epoch = epoch, c.batch = batch, c.update = update;
  c.vectors["weights"].assign(task.network.weights().begin(), task.network.weights().end());
  c.vectors["best_weights"] = best_weights;
  c.vectors["state"].assign(runner.state().span().begin(), runner.state().span().end());
  for (const auto& [name, values] : optimizer->state())
    c.vectors["optimizer." + name].assign(values.begin(), values.end());
  const std::span<const double> of_schedule = schedule->state();
  for (std::size_t i = 0; i < of_schedule.size(); ++i)
    c.numbers[fmt::format("schedule.{}", i)] = of_schedule[i];
  for (const auto& [name, value] : numbers()) c.numbers[name] = *value;
  for (const auto& [name, value] : counts()) c.numbers[name] = static_cast<double>(*value);
  c.numbers["seconds"] = seconds();
  c.history = history;
  return c;
}

template <class T>
void Trainer<T>::Run::restore(const Checkpoint<T>& c) {
  if (c.method != method())
    throw ModelError(fmt::format("the checkpoint was written by '{}', this run is '{}'", c.method, method()));
  if (c.seed != options.seed)
    throw ModelError(fmt::format("the checkpoint's run has seed {}, this one {}", c.seed, options.seed));
  const std::size_t size = task.network.weights().size(), S = task.network.state_size();
  // All is read before anything changes.
  const AlignedVector<T>& weights = c.vector("weights", size);
  const AlignedVector<T>& best = c.vector("best_weights", size);
  for (const auto& [name, values] : optimizer->state()) c.vector("optimizer." + name, values.size());
  const auto states = c.vectors.find("state");
  if (states == c.vectors.end() || (S == 0 ? !states->second.empty() : states->second.size() % S != 0))
    throw ModelError(
        fmt::format("the checkpoint belongs to another network: expected states of {} values", S));
  for (const auto& entry : numbers()) c.number(entry.first);
  for (const auto& entry : counts()) c.count(entry.first);

  const std::span<double> of_schedule = schedule->state();
  for (std::size_t i = 0; i < of_schedule.size(); ++i)
    of_schedule[i] = c.number(fmt::format("schedule.{}", i));
  for (const auto& [name, values] : optimizer->state())
    std::ranges::copy(c.vector("optimizer." + name, values.size()), values.begin());
  Tensor<T> state({S == 0 ? 0 : states->second.size() / S, S});
  std::ranges::copy(states->second, state.data());
  runner.set_state(std::move(state));
  for (const auto& [name, value] : numbers()) *value = c.number(name);
  for (const auto& [name, value] : counts()) *value = c.count(name);
  seconds_before = c.number("seconds");
  best_weights = best;
  task.network.set_weights(weights);
  epoch = c.epoch, batch = c.batch, update = c.update;
  history = c.history;
  last_good = fmt::format("the checkpoint gone on from (epoch {}, batch {})", epoch + 1, batch);
}

template <class T>
void Trainer<T>::Run::save() {
  require_finite_weights();
  last_save = Clock::now();
  if (options.checkpoint_path.empty()) {
    last_good = fmt::format("the weights of epoch {}", best_epoch);
    return;
  }
  save_checkpoint(checkpoint(), options.checkpoint_path);
  last_good =
      fmt::format("checkpoint {} ({} epochs and {} batches done)", options.checkpoint_path, epoch, batch);
  if (task.sink != nullptr) task.sink->on_checkpoint(options.checkpoint_path);
}

// ---- the interface ----

template <class T>
Trainer<T>::Trainer(TrainingTask<T> task, TrainingOptions options)
    : run_(std::make_unique<Run>(std::move(task), std::move(options))) {}

template <class T>
Trainer<T>::~Trainer() = default;

template <class T>
void Trainer<T>::resume(const Checkpoint<T>& checkpoint) {
  run_->restore(checkpoint);
}

template <class T>
TrainingResult Trainer<T>::run() {
  Run& run = *run_;
  run.start = run.last_save = Clock::now();
  TrainingResult result;
  try {
    result.stopped = run.train();
  } catch (const TrainingError& error) {
    run.task.network.set_weights(run.best_weights);
    throw TrainingError(fmt::format(
        "training stopped in epoch {}, {}; last good state: {}; a lower learning_rate or clip_norm may help",
        run.epoch + 1, error.what(), run.last_good));
  } catch (...) {
    run.task.network.set_weights(run.best_weights);
    throw;
  }
  if (run.best_epoch > 0) run.task.network.set_weights(run.best_weights);
  result.best_epoch = run.best_epoch;
  if (run.task.validation != nullptr && run.best_epoch > 0) result.best_validation_loss = run.best_loss;
  result.history = run.history;
  return result;
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace carousel
