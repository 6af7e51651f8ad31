#include "tasks/sequence_outputs.h"

#include "kernels/reductions.h"
#include "tasks/sequence_batches.h"

namespace carousel {

void for_each_output(const SequenceModel& model, const SequencePart& part, ThreadPool& pool,
                     const std::function<void(std::size_t, const Sequences<float>&, std::size_t)>& take) {
  const Network<float>& network = model.network;
  const SequenceBatches batches(model.coding, part, model.coding.settings.training.batch, false);
  const auto trace = network.make_trace();
  const std::size_t K = network.outputs();
  Sequences<float> y;
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    const Batch<float> batch = batches.get(0, index);
    Tensor<float> state = network.start(batch.x.layout().batch());
    network.forward({.pool = &pool}, batch.x, state.matrix(), y, *trace);
    kernels::log_softmax(y.values().data(), y.values().data(), y.rows(), K, K);
    const std::vector<std::size_t> members = batches.members(0, index);
    for (std::size_t b = 0; b < members.size(); ++b) take(members[b], y, b);
  }
}

}  // namespace carousel
