#include "training/trainer.h"

#include <carousel/error.h>

namespace carousel {

namespace {

template <class T>
LearningRunOptions run_options(const TrainingTask<T>& task, const TrainingOptions& options) {
  if (options.patience > 0 && task.validation == nullptr)
    throw SettingError("patience needs a validation part; give one, or set patience to 0");
  LearningRunOptions leading;
  leading.epochs = options.epochs;
  leading.patience = options.patience;
  leading.updates_per_epoch = options.updates_per_epoch;
  leading.time_limit_seconds = options.time_limit_seconds;
  leading.seed = options.seed;
  leading.checkpoint_path = options.checkpoint_path;
  leading.checkpoint_seconds = options.checkpoint_seconds;
  return leading;
}

}  // namespace

template <class T>
Trainer<T>::Trainer(const TrainingTask<T>& task, const TrainingOptions& options)
    : model_(task.model.weighted()),
      learner_({task.model, task.loss, task.training, task.validation, task.pool}, options),
      run_(learner_, run_options(task, options), {task.sink, task.on_best}) {}

template <class T>
TrainingResult Trainer<T>::run() {
  TrainingResult result;
  try {
    result = run_.run();
  } catch (...) {
    model_.set_weights(run_.best_weights());
    throw;
  }
  const std::span<const T> kept = result.best_epoch > 0 ? run_.best_weights() : learner_.weights();
  model_.set_weights(AlignedVector<T>(kept.begin(), kept.end()));  // a copy: they may be the model's own
  return result;
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace carousel
