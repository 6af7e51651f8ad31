#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "training/bptt.h"

namespace carousel {

template <class T>
void EncoderDecoderRunner<T>::check(const BpttOptions& options) const {
  const auto refuse = [](const char* name, const char* instead) {
    throw SettingError(fmt::format(
        "{} cuts sequences, but a decoder looks at the whole source at every step; {}", name, instead));
  };
  if (options.tbptt > 0) refuse("tbptt", "set it to 0");
  if (options.truncate > 0) refuse("truncate", "set it to 0");
  if (options.recompute) refuse("recompute", "leave it out");
}

template <class T>
void EncoderDecoderRunner<T>::begin(const Batch<T>& batch) {
  if (std::ranges::any_of(batch.carry, [](std::uint8_t carries) { return carries != 0; }))
    throw SettingError(
        "states can be carried from batch to batch only in a network; an encoder_decoder begins every pair "
        "anew");
  if (batch.x.features() != model_.inputs())
    throw Error(fmt::format("[train] the encoder takes {} inputs, the data has {}", model_.inputs(),
                            batch.x.features()));
  if (batch.targets.features() != 1)
    throw Error(fmt::format("[train] the decoder's targets are one symbol a step, the data has {} values",
                            batch.targets.features()));
  if (batch.targets.layout().batch() != batch.x.layout().batch())
    throw Error(fmt::format("[train] a batch of {} sources has {} targets", batch.x.layout().batch(),
                            batch.targets.layout().batch()));
  if (const std::size_t outputs = loss_.outputs_for(1);
      outputs != model_.symbols() + 1 || loss_.whole_sequences())
    throw SettingError(
        fmt::format("loss {} is of {} outputs, but the decoder has {} symbols and the end; use cross_entropy "
                    "of {} classes",
                    loss_.name(), outputs, model_.symbols(), model_.symbols() + 1));
}

template <class T>
LossValue EncoderDecoderRunner<T>::forward(const Pass& pass, const Sequences<T>& x,
                                           const Sequences<T>& targets, double sampling) {
  model_.forward(pass, x, targets, sampling, logits_, trace_);
  expected_.reshape(logits_.layout_pointer(), 1);
  model_.with_end(targets, expected_);
  return loss_.evaluate_sequences(*pass.pool, logits_, expected_, pass.training ? &dlogits_ : nullptr);
}

template <class T>
void EncoderDecoderRunner<T>::backward(const Pass& pass, const Sequences<T>& x, std::span<T> gradient) {
  std::ranges::fill(gradient, T(0));
  model_.backward(pass, x, dlogits_, nullptr, gradient, trace_);
}

template <class T>
std::string EncoderDecoderRunner<T>::first_non_finite(const Sequences<T>& x, const Sequences<T>&) const {
  if (!std::ranges::all_of(x.values(), [](T v) { return std::isfinite(v); })) return "the input";
  const std::string part = model_.first_non_finite(logits_, trace_);
  return part.empty() ? "loss " + loss_.name() : part;
}

template class EncoderDecoderRunner<float>;
template class EncoderDecoderRunner<double>;

}  // namespace carousel
