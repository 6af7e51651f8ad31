// How the weights of a network are learned from examples: by back-propagation, or in another way.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "training/batch_source.h"
#include "training/evolino/evolino.h"
#include "training/evolution/pagmo_search.h"
#include "training/kalman/kalman.h"
#include "training/learner.h"
#include "training/online/online_learner.h"
#include "training/optimizer.h"

namespace carousel {

enum class Method {
  bptt,                ///< training/bptt.h
  online_1997,         ///< training/online/online_learner.h
  lstm_g,              ///< the same
  kalman,              ///< training/kalman/kalman.h
  evolino,             ///< training/evolino/evolino.h, with a linear readout
  evolution_strategy,  ///< training/evolution/evolution_strategy.h
  cma_es,              ///< training/evolution/pagmo_search.h
  xnes,                ///< the same
  genetic,             ///< the same
};

std::string_view name(Method method) noexcept;
/// The inverse; throws SettingError with the nearest name.
Method parse_method(std::string_view name);
/// Whether it tries members of a generation.
bool is_evolution(Method method) noexcept;

std::string_view name(OnlineUpdate update) noexcept;
OnlineUpdate parse_online_update(std::string_view name);
std::string_view name(KalmanUpdate update) noexcept;
KalmanUpdate parse_kalman_update(std::string_view name);
std::string_view name(WeightGrouping grouping) noexcept;
WeightGrouping parse_weight_grouping(std::string_view name);

/// Each method reads the settings named with it.
struct MethodSettings {
  Method name = Method::bptt;
  OnlineUpdate update = OnlineUpdate::step;  ///< online_1997, lstm_g
  KalmanOptions kalman = {};                 ///< but `measured`, which the loss says, and `seed`
  EvolinoOptions evolino = {};               ///< but `members` and `seed`
  double ridge = 0;                          ///< evolino: of its readout; 0: the pseudo-inverse
  /// Of a generation; 0: of evolution_strategy and genetic 64, else the method's own.
  std::size_t members = 0;
  double deviation = 0.05;  ///< of a member's weights
  double bound = 10;        ///< cma_es, xnes, genetic
  GeneticOptions genetic = {};
};

/// What a learner of MethodSettings is made from; all must outlive it, validation may be null.
struct MethodTask {
  Network<float>& network;
  const Loss<float>& loss;
  const BatchSource<float>& training;
  const BatchSource<float>* validation;
  ThreadPool& pool;
};

/// Of every method but bptt. In evolution a generation is judged by one batch of the training part, each by
/// the next, and the strategy by the validation part (without one, by the whole training part). evolino fits
/// its readouts to the whole training part, kept in memory, and judges them by the validation part (without
/// one, by the training part): its losses are normalised_error() (training/evolino/stretch.h).
/// Throws SettingError for a loss, a network or options that the method cannot do with.
std::unique_ptr<Learner<float>> make_method_learner(const MethodSettings& method, const MethodTask& task,
                                                    const OptimizerOptions& optimizer,
                                                    const ScheduleOptions& schedule, std::uint64_t seed);

}  // namespace carousel
