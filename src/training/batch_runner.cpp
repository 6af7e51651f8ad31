#include "training/batch_runner.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/counted.h"
#include "training/bptt.h"

namespace carousel {

template <class T>
void NetworkRunner<T>::check(const BpttOptions& options) const {
  if (options.sampling > 0)
    throw SettingError(
        "sampling feeds a decoder what it drew itself, and this network has none; set it to 0, or train an "
        "encoder_decoder");
  if (loss_.whole_sequences() && options.tbptt > 0)
    throw SettingError(
        fmt::format("tbptt cuts sequences, but loss {} is of whole ones; set it to 0", loss_.name()));
  if (network_.causal()) return;
  const std::string where = network_.first_not_causal();
  if (options.tbptt > 0)
    throw SettingError(fmt::format(
        "tbptt carries states forward in time, but {} needs whole sequences; set it to 0", where));
  if (options.recompute)
    throw SettingError(fmt::format(
        "recompute goes through sequences in stretches, but {} needs whole sequences; leave it out", where));
}

template <class T>
void NetworkRunner<T>::begin(const Batch<T>& batch) {
  const std::size_t B = batch.x.layout().batch(), S = network_.state_size();
  const std::size_t outputs = loss_.outputs_for(batch.targets.features());
  // Here, because chunks of a batch no longer show what was left of their targets.
  lengths_.clear();
  for (const std::size_t length : batch.x.layout().lengths())
    lengths_.push_back(network_.output_length(length));
  loss_.check_lengths(lengths_, batch.targets.layout().lengths());
  if (batch.x.features() != network_.inputs())
    throw Error(fmt::format("[train] the network takes {} inputs, the data has {}", network_.inputs(),
                            batch.x.features()));
  network_.check_input(batch.x);  // here, because parts of a batch know no longer which step is whose
  if (outputs != network_.outputs())
    throw SettingError(fmt::format("loss {} needs {} outputs for {} targets, the network's last layer has {}",
                                   loss_.name(), outputs, batch.targets.features(), network_.outputs()));
  if (!batch.carry.empty() && batch.carry.size() != B)
    throw Error(fmt::format("[train] expected {} carry flags, got {}", B, batch.carry.size()));
  next_state_.resize({B, S});
  network_.start(next_state_.matrix());
  begins_.assign(B, 1);
  for (std::size_t b = 0; b < batch.carry.size(); ++b) {
    if (batch.carry[b] == 0) continue;
    if (!network_.causal())
      throw SettingError(fmt::format(
          "states can be carried from batch to batch only where layers run forward in time; {} needs "
          "whole sequences",
          network_.first_not_causal()));
    if (b >= state_.shape()[0])
      throw Error(fmt::format("[train] sequence {} goes on from a batch of {}", b, state_.shape()[0]));
    std::ranges::copy(std::as_const(state_).matrix().row_span(b), next_state_.matrix().row(b));
    begins_[b] = 0;
  }
  std::swap(state_, next_state_);
}

template <class T>
LossValue NetworkRunner<T>::forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                                    double) {
  if (recompute_ && pass.training)
    recomputation_.forward(network_, pass, x, state_.matrix(), y_, *trace_);
  else
    network_.forward(pass, x, state_.matrix(), y_, *trace_);
  at_start_ = begins_;
  for (std::size_t b = 0; b < begins_.size(); ++b)
    if (x.layout().length(b) > 0) begins_[b] = 0;
  return loss_.evaluate_sequences(*pass.pool, y_, targets, pass.training ? &dy_ : nullptr);
}

template <class T>
void NetworkRunner<T>::backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) {
  dstate_.resize(state_.shape());
  dstate_.fill(T(0));
  std::ranges::fill(gradient, T(0));
  if (recompute_)
    recomputation_.backward(network_, pass, x, dy_, dstate_.matrix(), gradient, *trace_);
  else
    network_.backward(pass, x, y_, dy_, dstate_.matrix(), nullptr, gradient, *trace_);
  // What is left of the gradient on the states before the first step belongs to how sequences start, but for
  // those that went on.
  for (std::size_t b = 0; b < at_start_.size(); ++b)
    if (at_start_[b] == 0) std::ranges::fill(dstate_.matrix().row_span(b), T(0));
  network_.start_gradient(std::as_const(dstate_).matrix(), gradient);
}

template <class T>
std::string NetworkRunner<T>::first_non_finite(const Sequences<T>& x, const Sequences<T>& targets) const {
  const auto finite = [](T v) { return std::isfinite(v); };
  if (!std::ranges::all_of(x.values(), finite)) return "the input";
  if (std::string layer = network_.first_non_finite(y_, *trace_); !layer.empty()) return layer;
  if (std::ranges::any_of(targets.values(), [](T v) { return std::isinf(v); })) return "the target";
  return "loss " + loss_.name();
}

std::string why_none_counts(const LossValue& value) {
  if (value.left_out == 0) return "every one is missing";
  return fmt::format("those of all {} are longer than the network's outputs for them allow",
                     counted(value.left_out, "sequence", "sequences"));
}

template <class T>
LossValue evaluate_loss(BatchRunner<T>& runner, const BatchSource<T>& source, ThreadPool& pool) {
  Pass pass;
  pass.pool = &pool;
  LossValue total;
  const std::size_t batches = source.batches(0);
  for (std::size_t index = 0; index < batches; ++index) {
    const Batch<T> batch = source.get(0, index);
    runner.begin(batch);
    const LossValue value = runner.forward(pass, batch.x, batch.targets, 0);
    if (!std::isfinite(value.sum))
      throw TrainingError(fmt::format("the loss of validation batch {} is {}; it begins in {}", index + 1,
                                      value.sum, runner.first_non_finite(batch.x, batch.targets)));
    total += value;
  }
  if (total.count == 0)
    throw DataError(fmt::format("there is no target to evaluate on: {}", why_none_counts(total)));
  return total;
}

template class NetworkRunner<float>;
template class NetworkRunner<double>;
template LossValue evaluate_loss(BatchRunner<float>&, const BatchSource<float>&, ThreadPool&);
template LossValue evaluate_loss(BatchRunner<double>&, const BatchSource<double>&, ThreadPool&);

}  // namespace carousel
