// What a run puts into its checkpoints and takes out of them.
#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "training/trainer_run.h"
#include "training/update_rule.h"

namespace carousel {

template <class T>
Checkpoint<T> Trainer<T>::Run::checkpoint() {
  Checkpoint<T> c;
  c.method = method();
  c.seed = options.seed;
  c.epoch = epoch, c.batch = batch, c.update = update;
  c.vectors["weights"].assign(model.weights().begin(), model.weights().end());
  c.vectors["best_weights"] = best_weights;
  c.vectors["state"].assign(runner->state().span().begin(), runner->state().span().end());
  put_update_rule(c, *optimizer, *schedule);
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
  const std::size_t size = model.weights().size(), S = runner->state_size();
  // All is judged before anything changes.
  const AlignedVector<T>& weights = c.vector("weights", size);
  const AlignedVector<T>& best = c.vector("best_weights", size);
  const auto states = c.vectors.find("state");
  if (states == c.vectors.end() || (S == 0 ? !states->second.empty() : states->second.size() % S != 0))
    throw ModelError(
        fmt::format("the checkpoint belongs to another network: expected states of {} values", S));
  for (const auto& entry : numbers()) c.number(entry.first);
  for (const auto& entry : counts()) c.count(entry.first);
  if (c.history.size() != c.epoch || c.count("best_epoch") > c.epoch)
    throw ModelError(
        fmt::format("the checkpoint contradicts itself: {} epochs done, {} recorded, the best is {}", c.epoch,
                    c.history.size(), c.count("best_epoch")));

  take_update_rule(c, *optimizer, *schedule);
  Tensor<T> state({S == 0 ? 0 : states->second.size() / S, S});
  std::ranges::copy(states->second, state.data());
  runner->set_state(std::move(state));
  for (const auto& [name, value] : numbers()) *value = c.number(name);
  for (const auto& [name, value] : counts()) *value = c.count(name);
  seconds_before = c.number("seconds");
  best_weights = best;
  best_is_new = best_epoch > 0;  // the model file may be of an earlier or later moment
  model.set_weights(weights);
  epoch = c.epoch, batch = c.batch, update = c.update;
  history = c.history;
  last_good = fmt::format("the checkpoint gone on from (epoch {}, batch {})", epoch + 1, batch);
}

template <class T>
void Trainer<T>::Run::save() {
  require_finite_weights();
  if (best_is_new && task.on_best) task.on_best(best_weights, history.at(best_epoch - 1));
  best_is_new = false;
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

template Checkpoint<float> Trainer<float>::Run::checkpoint();
template Checkpoint<double> Trainer<double>::Run::checkpoint();
template void Trainer<float>::Run::restore(const Checkpoint<float>&);
template void Trainer<double>::Run::restore(const Checkpoint<double>&);
template void Trainer<float>::Run::save();
template void Trainer<double>::Run::save();

}  // namespace carousel
