// Learning online as a Learner: the sequences of a batch one after the other, in plain gradient steps.
#pragma once

#include <memory>

#include "losses/loss.h"
#include "model/network.h"
#include "training/batch_source.h"
#include "training/learner.h"
#include "training/online/online_rule.h"
#include "training/schedule.h"

namespace carousel {

/// "online_1997" (training/online/truncated_rule.h) or "lstm_g" (layers/local_rule.h). Throws SettingError
/// for another name, or a network that the rule cannot follow.
template <class T>
std::unique_ptr<OnlineRule<T>> make_online_rule(const std::string& name, const Network<T>& network);

/// When weights change: after each step that has a target, or at the end of a sequence.
enum class OnlineUpdate { step, sequence };

struct OnlineOptions {
  std::string rule = "online_1997";
  OnlineUpdate update = OnlineUpdate::step;
  /// Of the loss summed over the targets of a step (the papers': half the squared error). Falls by "step":
  /// by `factor` every `step_epochs` epochs.
  ScheduleOptions schedule = {.learning_rate = 0.1};
};

/// All must outlive the learner; validation may be null.
template <class T>
struct OnlineTask {
  Network<T>& network;
  const Loss<T>& loss;
  const BatchSource<T>& training;
  const BatchSource<T>* validation = nullptr;
  ThreadPool& pool;  ///< for validation: what is learned from runs on one thread
};

/// A step is a batch. After it, the network has the weights. A sequence goes on where the one before it
/// ended, with traces and all, if its batch has no other and carries it on; else it begins.
template <class T>
class OnlineLearner final : public Learner<T> {
 public:
  /// Throws SettingError like make_online_rule, and for options out of range or a loss of whole sequences.
  OnlineLearner(OnlineTask<T> task, const OnlineOptions& options);

  std::string method() const override { return options_.rule; }
  std::size_t steps(std::size_t epoch) const override { return task_.training.batches(epoch); }
  LearningStep step(const LearningPlace& place) override;
  double validate() override;
  std::span<const T> weights() const override { return task_.network.weights(); }
  void epoch_done(double loss) override { schedule_->epoch_done(loss); }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  void check(const Batch<T>& batch) const;
  LossValue learn(const Batch<T>& batch, std::size_t sequence, T rate);
  /// The rule's weights into the network.
  void hand_over();

  OnlineTask<T> task_;
  OnlineOptions options_;
  std::unique_ptr<OnlineRule<T>> rule_;
  std::unique_ptr<Schedule> schedule_;
  AlignedVector<T> dy_;
};

}  // namespace carousel
