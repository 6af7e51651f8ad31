// The public train() (include/carousel/training.h) over Trainer.
#include <carousel/error.h>
#include <carousel/training.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "model/model_access.h"
#include "training/trainer.h"

namespace carousel {

namespace {

/// Examples in an order that depends on seed and epoch alone, so many at a time.
class ExampleBatches : public BatchSource<float> {
 public:
  ExampleBatches(std::span<const Example> examples, const Model& model, const Loss<float>& loss,
                 std::size_t targets, std::size_t batch, std::uint64_t seed, bool shuffle)
      : examples_(examples),
        model_(model),
        inputs_(model.inputs()),
        targets_(targets),
        any_length_(loss.whole_sequences()),
        batch_(batch),
        seed_(seed),
        shuffle_(shuffle) {
    for (std::size_t i = 0; i < examples.size(); ++i) check(i);
  }

  std::size_t batches(std::size_t) const override { return (examples_.size() + batch_ - 1) / batch_; }

  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    std::vector<std::size_t> order(examples_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (shuffle_) Random(seed_, epoch).shuffle(order);
    const std::size_t begin = index * batch_, count = std::min(batch_, order.size() - begin);
    std::vector<std::size_t> lengths(count), target_lengths(count);
    for (std::size_t b = 0; b < count; ++b) {
      const Example& example = examples_[order[begin + b]];
      lengths[b] = example.x.size() / inputs_;
      target_lengths[b] = example.target.size() / targets_;
    }
    Batch<float> batch{Sequences<float>(lengths, inputs_), Sequences<float>(target_lengths, targets_), {}};
    for (std::size_t b = 0; b < count; ++b) {
      const Example& example = examples_[order[begin + b]];
      copy_steps(example.x, b, batch.x);
      copy_steps(example.target, b, batch.targets);
    }
    return batch;
  }

 private:
  static void copy_steps(const std::vector<float>& from, std::size_t b, Sequences<float>& to) {
    for (std::size_t t = 0; t < to.layout().length(b); ++t)
      std::copy_n(from.data() + t * to.features(), to.features(), to.at(b, t).data());
  }

  void check(std::size_t i) const {
    const Example& example = examples_[i];
    const std::size_t steps = model_.output_length(example.x.size() / inputs_);
    const bool fits =
        any_length_ ? example.target.size() % targets_ == 0 : example.target.size() == steps * targets_;
    if (example.x.size() % inputs_ != 0 || !fits)
      throw Error(
          fmt::format("[train] example {}: expected x [T * {}] and target [{} * {}], got {} and {} values", i,
                      inputs_, steps == example.x.size() / inputs_ ? "T" : fmt::format("{}", steps), targets_,
                      example.x.size(), example.target.size()));
  }

  std::span<const Example> examples_;
  const Model& model_;  // which makes so many steps of a sequence
  std::size_t inputs_, targets_;
  bool any_length_;  // targets are as long as they are
  std::size_t batch_;
  std::uint64_t seed_;
  bool shuffle_;
};

std::size_t targets_a_step(const Model& model, const Loss<float>& loss) {
  const std::size_t targets = loss.targets_of(model.outputs());
  if (targets == 0)
    throw SettingError(fmt::format(
        "train: loss \"{}\" needs {} outputs for one target, but the model has {}, which are for no "
        "number of targets; change the last layer",
        loss.name(), loss.outputs_for(1), model.outputs()));
  return targets;
}

TrainingOptions options_of(const TrainingSettings& settings) {
  TrainingOptions options;
  options.epochs = settings.epochs;
  options.optimizer.name = settings.optimizer;
  options.schedule.learning_rate = settings.learning_rate;
  options.clip_norm = settings.clip_norm;
  options.patience = settings.patience;
  options.truncate = settings.truncate;
  options.recompute = settings.recompute;
  options.seed = settings.seed;
  options.checkpoint_path = settings.checkpoint_path;
  return options;
}

}  // namespace

TrainingSummary train(Model& model, std::span<const Example> training, std::span<const Example> validation,
                      const TrainingSettings& settings, ProgressSink* sink) {
  if (training.empty()) throw SettingError("train: there are no training examples");
  if (settings.batch == 0) throw SettingError("train: batch should be at least 1, got 0");
  LossOptions loss_options;
  loss_options.quantiles = settings.quantiles;
  loss_options.classes = model.outputs();
  loss_options.components = settings.components;
  const LossPointer<float> loss = make_loss<float>(settings.loss, loss_options);
  const std::size_t targets = targets_a_step(model, *loss);
  const ExampleBatches batches(training, model, *loss, targets, settings.batch, settings.seed, true);
  const ExampleBatches validation_batches(validation, model, *loss, targets, settings.batch, settings.seed,
                                          false);

  ThreadPool pool(settings.threads);
  Network<float> network = ModelAccess::copy_for_training(model);
  Trainer<float> trainer({.model = network,
                          .loss = *loss,
                          .training = batches,
                          .validation = validation.empty() ? nullptr : &validation_batches,
                          .pool = pool,
                          .sink = sink},
                         options_of(settings));
  if (!settings.checkpoint_path.empty() && std::filesystem::exists(settings.checkpoint_path))
    trainer.resume(load_checkpoint<float>(settings.checkpoint_path));
  TrainingResult result = trainer.run();
  model.set_weights(network.weights());

  TrainingSummary summary;
  summary.epochs = result.history.size();
  summary.training_loss = result.history.empty() ? ProgressRecord::kNotMeasured : result.history.back().loss;
  summary.validation_loss = result.best_validation_loss;
  summary.history = std::move(result.history);
  return summary;
}

}  // namespace carousel
