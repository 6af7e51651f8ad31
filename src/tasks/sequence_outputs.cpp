#include "tasks/sequence_outputs.h"

#include "kernels/reductions.h"

namespace carousel {

namespace {

void make_probabilities(Sequences<float>& y) {
  const std::size_t K = y.features();
  kernels::log_softmax(y.values().data(), y.values().data(), y.rows(), K, K);
}

}  // namespace

void for_each_output(
    const SequenceModel& model, const SequencePart& part, ThreadPool& pool,
    const std::function<void(const SequenceRow&, const Sequences<float>&, std::size_t)>& take) {
  const Network<float>& network = model.network();
  const SequenceBatches batches(model.coding, part, model.coding.settings.training.batch, false);
  const auto trace = network.make_trace();
  Sequences<float> y;
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    const Batch<float> batch = batches.get(0, index);
    Tensor<float> state = network.start(batch.x.layout().batch());
    network.forward({.pool = &pool}, batch.x, state.matrix(), y, *trace);
    make_probabilities(y);
    const std::vector<SequenceRow> rows = batches.rows(0, index);
    for (std::size_t b = 0; b < rows.size(); ++b) take(rows[b], y, b);
  }
}

Sequences<float> outputs_of(const SequenceModel& model, const Sequences<float>& x, ThreadPool& pool) {
  const auto trace = model.network().make_trace();
  Tensor<float> state = model.network().start(1);
  Sequences<float> y;
  model.network().forward({.pool = &pool}, x, state.matrix(), y, *trace);
  make_probabilities(y);
  return y;
}

}  // namespace carousel
