// Learning by the decoupled extended Kalman filter (training/kalman/decoupled_filter.h): every target is a
// measurement of the weights through the network, and updates take all earlier ones into account by their
// covariances. Pérez-Ortiz, Gers, Eck & Schmidhuber, "Kalman filters improve LSTM network performance in
// problems unsolvable by traditional recurrent nets", Neural Networks 16, 2003.
//
// Derivatives of the outputs at step t: back-propagation through the last h steps, with the present weights,
// from the state that the steps before these left. Sequences of a batch are streams side by side: an update
// takes the targets of all of them (Feldkamp & Puskorius, "A signal processing framework based on dynamic
// neural networks", Proceedings of the IEEE 86, 1998, sec. V).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/network.h"
#include "training/batch_source.h"
#include "training/kalman/decoupled_filter.h"
#include "training/learner.h"
#include "training/weight_groups.h"

namespace carousel {

/// When weights change: after each time step that has a target, or at the end of a batch's sequences.
enum class KalmanUpdate { step, sequence };
/// What targets are compared with: the network's outputs, or their sigmoid or softmax, for networks whose
/// loss in other ways of learning has it inside.
enum class KalmanMeasured { outputs, sigmoid, softmax };

/// "step", "sequence"; "outputs", "sigmoid", "softmax": the words of the options.
const std::vector<std::string>& kalman_update_names();
const std::vector<std::string>& kalman_measured_names();

/// Noise falls (or rises) by the same factor with every step, from its first value to its final one at
/// `annealing` of the run, and stays there.
struct KalmanOptions {
  WeightGrouping grouping = WeightGrouping::unit;
  KalmanUpdate update = KalmanUpdate::step;
  KalmanMeasured measured = KalmanMeasured::outputs;
  std::size_t truncate = 0;                                     ///< h; 0: back to where the sequence began
  double variance = 100;                                        ///< of each weight at first: P = variance I
  double measurement_noise = 100, final_measurement_noise = 1;  ///< R, above 0
  double process_noise = 1e-2, final_process_noise = 1e-6;      ///< Q, above 0, or both 0
  double annealing = 1;                                         ///< (0, 1]
  std::uint64_t seed = 0;                                       ///< of dropout
};

/// All must outlive the learner; validation may be null.
template <class T>
struct KalmanTask {
  Network<T>& network;
  const BatchSource<T>& training;
  const BatchSource<T>* validation = nullptr;
  ThreadPool& pool;
};

/// A step is a batch. Targets are values, one an output, NaN where there is none, or one class a step where
/// there are several outputs: 1 for it, 0 for the others. Losses are squared errors, summed over the outputs
/// that have a target and counted by them; those of training are from before each update.
template <class T>
class Kalman final : public Learner<T> {
 public:
  /// Throws SettingError for options out of range, or impossible with this network.
  Kalman(KalmanTask<T> task, const KalmanOptions& options);

  std::string method() const override;
  std::size_t steps(std::size_t epoch) const override { return task_.training.batches(epoch); }
  /// Throws Error for batches that do not fit the network.
  LearningStep step(const LearningPlace& place) override;
  double validate() override;
  std::span<const T> weights() const override { return task_.network.weights(); }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  /// Steps [begin, end) of a sequence of a batch.
  struct Stretch {
    std::size_t sequence, begin, end;
  };
  /// before: sequences of the batch before.
  void check(const Batch<T>& batch, std::size_t before) const;
  Tensor<T> first_states(const Batch<T>& batch, const Tensor<T>& before) const;
  void learn_by_steps(const Batch<T>& batch, const DecoupledFilter::Noise& noise, LearningStep& came);
  void learn_whole(const Batch<T>& batch, const DecoupledFilter::Noise& noise, LearningStep& came);
  /// Runs a stretch that begins where the sequence's state stands.
  void run(const Batch<T>& batch, const Stretch& stretch, const Pass& pass);
  /// The sequence's state moves on.
  void advance(const Batch<T>& batch, std::size_t sequence, std::size_t end);
  /// Measures the targets of step t, with derivatives over the last h steps.
  void look_back(const Batch<T>& batch, std::size_t sequence, std::size_t t);
  /// Adds the errors and derivatives of a stretch's steps from `first` on.
  void measure(const Batch<T>& batch, const Stretch& stretch, std::size_t first);
  /// A row of derivatives: what `seed` on the outputs of step t of the stretch comes to.
  void differentiate(const Pass& pass, std::size_t t, bool from_start, std::span<const double> seed);
  void update(const DecoupledFilter::Noise& noise, LearningStep& came);

  KalmanTask<T> task_;
  KalmanOptions options_;
  DecoupledFilter filter_;
  std::unique_ptr<Trace<T>> trace_;
  // Of each sequence: its state [B, S] before step begins_[b], unless it has just begun.
  Tensor<T> state_;
  std::vector<std::size_t> begins_;
  std::vector<std::uint8_t> at_start_;
  std::size_t update_number_ = 0;
  // Of a stretch.
  Sequences<T> x_, y_, dy_;
  Tensor<T> passing_, dstate_;  // [1, S]
  AlignedVector<T> gradient_;
  // Measured since the last update.
  std::vector<double> error_;
  AlignedVector<double> derivatives_;  // [measured, weights]
  std::vector<double> change_;
};

}  // namespace carousel
