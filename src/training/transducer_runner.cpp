#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "training/bptt.h"

namespace carousel {

template <class T>
void TransducerRunner<T>::check(const BpttOptions& options) const {
  const auto refuse = [](const char* what, const char* instead) {
    throw SettingError(fmt::format("{}; {}", what, instead));
  };
  if (options.sampling > 0)
    refuse(
        "sampling feeds a decoder what it drew itself, and a transducer's loss is of all paths to the target",
        "set it to 0");
  if (options.tbptt > 0) refuse("tbptt cuts sequences, but loss transducer is of whole ones", "set it to 0");
  if (options.truncate > 0)
    refuse("truncate cuts sequences, but a transducer's loss reaches every step of them", "set it to 0");
  if (options.recompute)
    refuse("recompute goes through sequences in stretches, but loss transducer is of whole ones",
           "leave it out");
}

template <class T>
void TransducerRunner<T>::begin(const Batch<T>& batch) {
  if (std::ranges::any_of(batch.carry, [](std::uint8_t carries) { return carries != 0; }))
    throw SettingError(
        "states can be carried from batch to batch only in a network; a transducer begins every pair anew");
  if (batch.x.features() != model_.inputs())
    throw Error(fmt::format("[train] the encoder takes {} inputs, the data has {}", model_.inputs(),
                            batch.x.features()));
  if (loss_.name() != "transducer" || loss_.outputs_for(1) != model_.symbols() + 1)
    throw SettingError(
        fmt::format("loss {} is of {} outputs, but the transducer has {} symbols and the blank; use loss "
                    "transducer of {} classes",
                    loss_.name(), loss_.outputs_for(1), model_.symbols(), model_.symbols() + 1));
}

template <class T>
LossValue TransducerRunner<T>::forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                                       double) {
  model_.forward(pass, x, targets, logits_, trace_);
  return loss_.evaluate_sequences(*pass.pool, logits_, targets, pass.training ? &dlogits_ : nullptr);
}

template <class T>
void TransducerRunner<T>::backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) {
  std::ranges::fill(gradient, T(0));
  model_.backward(pass, x, dlogits_, nullptr, gradient, trace_);
}

template <class T>
std::string TransducerRunner<T>::first_non_finite(const Sequences<T>& x, const Sequences<T>&) const {
  if (!std::ranges::all_of(x.values(), [](T v) { return std::isfinite(v); })) return "the input";
  const std::string part = model_.first_non_finite(logits_, trace_);
  return part.empty() ? "loss " + loss_.name() : part;
}

template class TransducerRunner<float>;
template class TransducerRunner<double>;

}  // namespace carousel
