#include "tasks/batch_objective.h"

#include <carousel/error.h>

#include <limits>
#include <utility>

namespace carousel {

BatchObjective::BatchObjective(const MethodTask& task, std::shared_ptr<std::mutex> reading)
    : loss_(task.loss),
      training_(task.training),
      validation_(task.validation),
      network_(task.network.spec(), task.network.inputs()),
      runner_(network_, loss_),
      reading_(std::move(reading)) {}

double BatchObjective::loss(std::span<const float> weights, std::uint64_t round) {
  network_.set_weights(weights);
  std::unique_lock lock(*reading_);
  if (round == 0) {
    try {
      return evaluate_loss<float>(runner_, validation_ != nullptr ? *validation_ : training_, alone_).mean();
    } catch (const TrainingError&) {  // no numbers: the worst
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  // Epochs may differ in their number of batches.
  std::size_t epoch = 0, batch = static_cast<std::size_t>(round - 1);
  while (batch >= training_.batches(epoch)) batch -= training_.batches(epoch++);
  Batch<float> data = training_.get(epoch, batch);
  data.carry.clear();  // what was judged before must not show
  lock.unlock();
  runner_.begin(data);
  Pass pass;
  pass.pool = &alone_;
  return runner_.forward(pass, data.x, data.targets, 0).mean();
}

}  // namespace carousel
