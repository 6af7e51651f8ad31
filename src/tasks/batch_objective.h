// The loss of a network on examples, as something to be made small by direct search.
#pragma once

#include <memory>
#include <mutex>

#include "base/thread_pool.h"
#include "tasks/method_settings.h"
#include "training/batch_runner.h"
#include "training/evolution/objective.h"

namespace carousel {

/// Round 0: the mean loss on the validation part, without one on the training part; round r: on the batch
/// r - 1 of the training part, epoch after epoch.
class BatchObjective final : public Objective<float> {
 public:
  /// What the task refers to must outlive it; of the network it has a copy of its own. Sources are for one
  /// thread at a time: objectives that share them share `reading`.
  BatchObjective(const MethodTask& task, std::shared_ptr<std::mutex> reading);

  double loss(std::span<const float> weights, std::uint64_t round) override;

 private:
  const Loss<float>& loss_;
  const BatchSource<float>& training_;
  const BatchSource<float>* validation_;
  Network<float> network_;
  NetworkRunner<float> runner_;
  ThreadPool alone_{1};
  std::shared_ptr<std::mutex> reading_;
};

}  // namespace carousel
