#include "training/trainer.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>

#include "kernels/float_mode.h"
#include "training/trainer_run.h"

namespace carousel {

namespace {

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
  require(options.sampling >= 0 && options.sampling <= 1, "sampling", options.sampling,
          "a probability from 0 to 1");
  if (options.tbptt_back > 0 && (options.tbptt == 0 || options.tbptt_back % options.tbptt != 0))
    throw SettingError(fmt::format("tbptt_back: found {}, expected a multiple of tbptt, which is {}, or 0",
                                   options.tbptt_back, options.tbptt));
  if (options.patience > 0 && task.validation == nullptr)
    throw SettingError("patience needs a validation part; give one, or set patience to 0");
}

}  // namespace

template <class T>
Trainer<T>::Run::Run(TrainingTask<T> what, TrainingOptions how)
    : task(std::move(what)),
      options(std::move(how)),
      model(task.model.weighted()),
      optimizer(make_optimizer<T>(options.optimizer, model.weights().size())),
      schedule(make_schedule(options.schedule)),
      runner(task.model.make_runner(task.loss, options.recompute)),
      validation_runner(task.validation != nullptr ? task.model.make_runner(task.loss, false) : nullptr),
      gradient(model.weights().size()),
      best_weights(model.weights().begin(), model.weights().end()) {
  check_options(task, options);
  runner->check(options);
}

template <class T>
StopReason Trainer<T>::Run::train() {
  while (true) {
    if (epoch >= options.epochs) return StopReason::finished;
    if (options.patience > 0 && waited >= options.patience) return StopReason::patience;
    if (out_of_time() && batch == 0 && epoch > 0) return StopReason::time;
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
      if (task.sink->should_stop()) return false;
    }
    if (since(last_save) >= options.checkpoint_seconds && epoch_fraction() < 1) save();
  }
  return true;
}

template <class T>
LossValue Trainer<T>::Run::train_batch(const Batch<T>& data) {
  runner->begin(data);
  const std::size_t steps = data.x.layout().time();
  if (options.tbptt == 0 || steps <= options.tbptt) return train_chunk(data.x, data.targets);
  LossValue loss;
  const std::size_t chunks = options.tbptt_back > 0 ? options.tbptt_back / options.tbptt : 1;  // of a window
  std::deque<typename BatchRunner<T>::Place> places;  // before each chunk of the window
  for (std::size_t begin = 0; begin < steps; begin += std::min(options.tbptt, steps - begin)) {
    const std::size_t end = begin + std::min(options.tbptt, steps - begin);
    if (chunks == 1) {
      loss += train_chunk(slice_time(data.x, begin, end), slice_time(data.targets, begin, end));
      continue;
    }
    places.push_back(runner->place());
    if (places.size() > chunks) places.pop_front();
    runner->go_to(places.front());
    const std::size_t first = begin - (places.size() - 1) * options.tbptt;
    Sequences<T> targets = slice_time(data.targets, first, end);
    for (std::size_t t = 0; t < begin - first; ++t)  // they had their update
      for (std::size_t r = 0; r < targets.step(t).rows(); ++r)
        std::ranges::fill(targets.step(t).row_span(r), std::numeric_limits<T>::quiet_NaN());
    loss += train_chunk(slice_time(data.x, first, end), targets);
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
  const bool perturbed = model.perturbed();
  if (perturbed) model.perturb(task.pool, options.seed, update);
  const LossValue loss = runner->forward(pass, x, targets, options.sampling * run_fraction());
  if (!std::isfinite(loss.sum))
    stop(fmt::format("the loss is {}; it begins in {}", loss.sum, runner->first_non_finite(x, targets)));
  sums.loss += loss;
  if (loss.count == 0) {  // nothing to learn from: momentum must not move the weights either
    if (perturbed) model.pack(model.packing());
    return loss;
  }
  runner->backward(pass, x, gradient);
  if (perturbed) model.unperturb_gradient(task.pool, options.seed, update, gradient);
  change_weights();
  return loss;
}

template <class T>
void Trainer<T>::Run::change_weights() {
  gradient_norm = clip_by_norm<T>(gradient, options.clip_norm);
  if (!std::isfinite(gradient_norm)) {
    const std::string where = first_non_finite<T>(model.parameters(), gradient);
    stop(where.empty() ? fmt::format("the norm of the gradient is {}", gradient_norm)
                       : fmt::format("the gradient of {}", where));
  }
  learning_rate = schedule->rate({epoch, update, run_fraction()});
  model.update_weights([&](std::span<T> weights) { optimizer->step(weights, gradient, learning_rate); });
  ++update;
  ++sums.updates;
  sums.norms += gradient_norm;
}

template <class T>
void Trainer<T>::Run::end_epoch() {
  if (sums.loss.count == 0)
    throw DataError(
        fmt::format("epoch {}: there is no target to learn from: {}", epoch + 1, why_none_counts(sums.loss)));
  require_finite_weights();
  ProgressRecord done = record();
  done.loss = sums.loss.mean();
  done.gradient_norm = sums.norms / static_cast<double>(sums.updates);
  if (task.validation != nullptr) {
    done.validation_loss = evaluate_loss<T>(*validation_runner, *task.validation, task.pool).mean();
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
    std::ranges::copy(model.weights(), best_weights.begin());
    best_is_new = true;
  }
  history.push_back(done);
  if (task.sink != nullptr) task.sink->on_epoch(done);
  if (epoch == 1 || since(last_save) >= options.checkpoint_seconds) save();
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
  const std::string where = first_non_finite<T>(model.parameters(), model.weights());
  if (!where.empty()) throw TrainingError(fmt::format("batch {}: after its update {}", batch, where));
}

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
  const kernels::StandardFloatMode mode;
  Run& run = *run_;
  run.start = run.last_save = Run::Clock::now();
  TrainingResult result;
  try {
    result.stopped = run.train();
    run.save();
  } catch (const TrainingError& error) {
    run.model.set_weights(run.best_weights);
    throw TrainingError(fmt::format(
        "training stopped in epoch {}, {}; last good state: {}; a lower learning_rate or clip_norm may help",
        run.epoch + 1, error.what(), run.last_good));
  } catch (...) {
    run.model.set_weights(run.best_weights);
    throw;
  }
  if (run.best_epoch > 0) run.model.set_weights(run.best_weights);
  result.best_epoch = run.best_epoch;
  if (run.task.validation != nullptr && run.best_epoch > 0) result.best_validation_loss = run.best_loss;
  result.history = run.history;
  return result;
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace carousel
