// Training a model from C++: examples in, a better model out.
#pragma once

#include <carousel/export.h>
#include <carousel/model.h>
#include <carousel/progress.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace carousel {

/// One sequence and what the model shall put out at each of the steps that it makes of it.
struct Example {
  std::vector<float> x;  ///< [T * inputs], step by step
  std::vector<float>
      target;  ///< [output_length(T) * targets]; NaN where there is no target, e.g. at all steps but the
               ///< last. Of the loss "ctc": numbers of symbols, as many as there are
};

/// How to train. The defaults suit small models on some thousand examples.
struct TrainingSettings {
  /// mse, mae, huber, quantile, gaussian, or cross_entropy: then a target is the number of a class, and the
  /// model has one output for each; or bernoulli: targets of 0 or 1, one output for each; or mixture: then
  /// the model ends in a layer "mixture"; or ctc: then the model has one output for each symbol, and behind
  /// them one for the blank, and a target that needs more steps than the model makes is left out.
  std::string loss = "mse";
  std::vector<double> quantiles = {0.1, 0.5,
                                   0.9};  ///< of the loss "quantile": the model has one output for each
  std::size_t components = 0;             ///< of the loss "mixture": those of the model's last layer
  std::size_t epochs = 100;               ///< times that every example is seen
  std::size_t batch = 32;                 ///< examples a weight update
  std::string optimizer = "adam";         ///< sgd, rmsprop, adam, adamw, adafactor
  double learning_rate = 1e-3;            ///< of every update
  double clip_norm = 1.0;                 ///< largest norm of a gradient; 0: any
  std::size_t patience = 0;  ///< epochs without a better validation loss before it stops; 0: never
  std::size_t truncate = 0;  ///< steps that the gradient goes back; 0: all
  /// Keeps the states of every sqrt(T)-th step only and computes what lies between twice: memory that grows
  /// with sqrt(T) instead of T, a third more time. The gradient's sums over time are split elsewhere, so the
  /// weights differ in their last bits from those trained without it; they are as repeatable. Not with
  /// layers that need whole sequences (Model::open_stream).
  bool recompute = false;
  std::uint64_t seed = 0;   ///< of the order of examples and of dropout
  std::size_t threads = 0;  ///< 0: one a processor; the result is the same on any number
  /// Written every few seconds, and at the end of the first epoch and of the run; if it exists, training goes
  /// on from it. Empty: none.
  std::string checkpoint_path;
};

/// What a training run came to.
struct TrainingSummary {
  std::size_t epochs = 0;      ///< done
  double training_loss = 0;    ///< mean of the last epoch
  double validation_loss = 0;  ///< of the weights that the model has now; NaN without validation examples
  std::vector<ProgressRecord> history;  ///< one record an epoch
};

/// Trains the model in place on `training`; with `validation` examples it ends with the weights that were
/// best on them. Other copies of the model and open streams keep the old weights. The result depends on seed,
/// data and settings alone. `sink`, if given, is told after every batch and epoch and may stop the run.
/// Throws Error for examples that do not fit the model, SettingError, TrainingError (NaN or Inf), FileError.
CAROUSEL_API TrainingSummary train(Model& model, std::span<const Example> training,
                                   std::span<const Example> validation = {},
                                   const TrainingSettings& settings = {}, ProgressSink* sink = nullptr);

}  // namespace carousel
