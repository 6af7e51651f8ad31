#include "model/encoder_decoder.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/check_symbols.h"

namespace carousel {

template <class T>
ParameterTable EncoderDecoderParts<T>::declare() {
  ParameterTable table;
  encoder->declare(table, "encoder");
  if (bridge) bridge->declare(table);
  decoder->declare(table);
  return table;
}

template <class T>
EncoderDecoder<T>::EncoderDecoder(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare)
    : spec_(spec), parts_(build_encoder_decoder<T>(spec, inputs)) {
  this->set_parameters(parts_.declare());
}

template <class T>
EncoderDecoder<T>::EncoderDecoder(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed)
    : EncoderDecoder(spec, inputs, Bare()) {
  const kernels::StandardFloatMode mode;
  const std::span<T> weights = this->mutable_weights();
  parts_.encoder->initialise(weights, seed);
  if (parts_.bridge) parts_.bridge->initialise(weights, seed);
  parts_.decoder->initialise(weights, seed);
  this->pack({});
}

template <class T>
ParameterTable EncoderDecoder<T>::parameters_of(std::span<const LayerSpec> spec, std::size_t inputs) {
  ParameterTable table = build_encoder_decoder<T>(spec, inputs).declare();
  check_parameter_count(table);
  return table;
}

template <class T>
void EncoderDecoder<T>::pack_layers(std::span<const T> weights, const Packing& packing) {
  parts_.encoder->pack(weights, packing);
  if (parts_.bridge) parts_.bridge->pack(weights, packing);
  parts_.decoder->pack(weights, packing);
}

template <class T>
EncoderDecoderTrace<T> EncoderDecoder<T>::make_trace() const {
  EncoderDecoderTrace<T> trace;
  trace.encoder = parts_.encoder->make_trace();
  return trace;
}

template <class T>
void EncoderDecoder<T>::encode(const Pass& pass, const Sequences<T>& x, EncoderDecoderTrace<T>& trace) const {
  const std::size_t B = x.layout().batch();
  parts_.encoder->check_input(x);
  trace.encoder_state.resize({B, parts_.encoder->state_size()});
  parts_.encoder->start(this->weights(), trace.encoder_state.matrix());
  parts_.encoder->forward(pass, x, trace.encoder_state.matrix(), trace.memory, *trace.encoder);
  trace.start.resize({B, parts_.decoder->state_size()});
  if (!parts_.bridge) return parts_.decoder->layers().start(this->weights(), trace.start.matrix());
  parts_.bridge->forward(*pass.pool, std::as_const(trace.encoder_state).matrix(), trace.start.matrix(),
                         trace.bridge);
}

template <class T>
void EncoderDecoder<T>::forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                                double sampling, Sequences<T>& logits, EncoderDecoderTrace<T>& trace) const {
  if (!(sampling >= 0 && sampling <= 1))
    throw SettingError(fmt::format("sampling: expected a probability from 0 to 1, got {}", sampling));
  if (targets.features() == 1) check_symbols("encoder_decoder.forward", targets, symbols());
  const kernels::StandardFloatMode mode;
  encode(pass, x, trace);
  parts_.decoder->forward(pass, trace.memory, targets, sampling, std::as_const(trace.start).matrix(), logits,
                          trace.decoder);
}

template <class T>
void EncoderDecoder<T>::with_end(const Sequences<T>& targets, Sequences<T>& result) const {
  result.fill(static_cast<T>(symbols()));
  for (std::size_t b = 0; b < targets.layout().batch(); ++b)
    for (std::size_t u = 0; u < targets.layout().length(b); ++u) result.at(b, u)[0] = targets.at(b, u)[0];
}

template <class T>
void EncoderDecoder<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& dlogits,
                                 Sequences<T>* dx, std::span<T> gradient,
                                 EncoderDecoderTrace<T>& trace) const {
  this->check_gradient("encoder_decoder.backward", gradient.size());
  const kernels::StandardFloatMode mode;
  trace.dstart.resize(trace.start.shape());
  trace.dencoder_state.resize(trace.encoder_state.shape());
  const View<T> dstart = trace.dstart.matrix(), dstate = trace.dencoder_state.matrix();
  parts_.decoder->backward(pass, dlogits, dstart, trace.dmemory, gradient, trace.decoder);
  if (parts_.bridge) {
    parts_.bridge->backward(*pass.pool, dstart, dstate, gradient, trace.bridge);
  } else {
    parts_.decoder->layers().start_gradient(dstart, gradient);
    trace.dencoder_state.fill(T(0));
  }
  parts_.encoder->backward(pass, x, trace.memory, trace.dmemory, dstate, dx, gradient, *trace.encoder);
  parts_.encoder->start_gradient(dstate, gradient);
}

template <class T>
std::string EncoderDecoder<T>::first_non_finite(const Sequences<T>& logits,
                                                const EncoderDecoderTrace<T>& trace) const {
  const auto finite = [](T v) { return std::isfinite(v); };
  if (std::string layer = parts_.encoder->first_non_finite("encoder", trace.memory, *trace.encoder);
      !layer.empty())
    return layer;
  if (!std::ranges::all_of(trace.encoder_state.span(), finite)) return "the encoder's last state";
  if (!std::ranges::all_of(trace.start.span(), finite))
    return parts_.bridge ? "the bridge" : "the decoder's start";
  return std::ranges::all_of(logits.values(), finite) ? "" : "the decoder";
}

template <class T>
std::vector<std::vector<Hypothesis<T>>> EncoderDecoder<T>::search(ThreadPool& pool, const Sequences<T>& x,
                                                                  const SearchOptions& options) const {
  const kernels::StandardFloatMode mode;
  EncoderDecoderTrace<T> trace = make_trace();
  encode({.pool = &pool}, x, trace);
  return beam_search(pool, *parts_.decoder, trace.memory, std::as_const(trace.start).matrix(), options);
}

template struct EncoderDecoderParts<float>;
template struct EncoderDecoderParts<double>;
template class EncoderDecoder<float>;
template class EncoderDecoder<double>;

}  // namespace carousel
