#include "model/transducer.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/check_symbols.h"

namespace carousel {

template <class T>
ParameterTable TransducerParts<T>::declare() {
  ParameterTable table;
  encoder->declare(table, "encoder");
  embedding.declare(table, "embedding");
  prediction->declare(table, "prediction");
  joint.declare(table);
  return table;
}

template <class T>
Transducer<T>::Transducer(const std::vector<LayerSpec>& spec, std::size_t inputs, Bare)
    : spec_(spec), parts_(build_transducer<T>(spec, inputs)) {
  this->set_parameters(parts_.declare());
}

template <class T>
Transducer<T>::Transducer(const std::vector<LayerSpec>& spec, std::size_t inputs, std::uint64_t seed)
    : Transducer(spec, inputs, Bare()) {
  const kernels::StandardFloatMode mode;
  const std::span<T> weights = this->mutable_weights();
  parts_.encoder->initialise(weights, seed);
  parts_.embedding.initialise(weights, seed);
  parts_.prediction->initialise(weights, seed);
  parts_.joint.initialise(weights, seed);
  this->pack({});
}

template <class T>
ParameterTable Transducer<T>::parameters_of(std::span<const LayerSpec> spec, std::size_t inputs) {
  ParameterTable table = build_transducer<T>(spec, inputs).declare();
  check_parameter_count(table);
  return table;
}

template <class T>
void Transducer<T>::pack_layers(std::span<const T> weights, const Packing& packing) {
  parts_.encoder->pack(weights, packing);
  parts_.embedding.pack(weights, packing);
  parts_.prediction->pack(weights, packing);
  parts_.joint.pack(weights, packing);
}

template <class T>
TransducerTrace<T> Transducer<T>::make_trace() const {
  TransducerTrace<T> trace;
  trace.encoder = parts_.encoder->make_trace();
  trace.prediction = parts_.prediction->make_trace();
  return trace;
}

template <class T>
void Transducer<T>::encode(const Pass& pass, const Sequences<T>& x, TransducerTrace<T>& trace) const {
  parts_.encoder->check_input(x);
  trace.encoder_state.resize({x.layout().batch(), parts_.encoder->state_size()});
  parts_.encoder->start(this->weights(), trace.encoder_state.matrix());
  parts_.encoder->forward(pass, x, trace.encoder_state.matrix(), trace.memory, *trace.encoder);
}

template <class T>
void Transducer<T>::predict(const Pass& pass, const Sequences<T>& targets, TransducerTrace<T>& trace) const {
  const auto one_more = [](std::size_t length) { return length + 1; };
  const std::vector<std::size_t>& before = targets.layout().lengths();
  if (!std::ranges::equal(before, trace.fed.layout().lengths(), {}, one_more)) {
    std::vector<std::size_t> lengths(before.size());
    std::ranges::transform(before, lengths.begin(), one_more);
    trace.fed = Sequences<T>(std::move(lengths), 1);
  }
  for (std::size_t b = 0; b < before.size(); ++b)
    for (std::size_t u = 0; u <= before[b]; ++u)
      trace.fed.at(b, u)[0] = u == 0 ? static_cast<T>(symbols()) : targets.at(b, u - 1)[0];
  parts_.embedding.forward(pass, trace.fed, {}, trace.embedded, trace.embedding);
  trace.prediction_state.resize({before.size(), parts_.prediction->state_size()});
  parts_.prediction->start(this->weights(), trace.prediction_state.matrix());
  parts_.prediction->forward(pass, trace.embedded, trace.prediction_state.matrix(), trace.predictions,
                             *trace.prediction);
}

template <class T>
void Transducer<T>::forward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& targets,
                            Sequences<T>& logits, TransducerTrace<T>& trace) const {
  if (targets.features() != 1 || targets.layout().batch() != x.layout().batch())
    throw Error(fmt::format("[transducer.forward] expected targets [U, {}, 1], got [{}, {}, {}]",
                            x.layout().batch(), targets.layout().time(), targets.layout().batch(),
                            targets.features()));
  check_symbols("transducer.forward", targets, symbols());
  const kernels::StandardFloatMode mode;
  encode(pass, x, trace);
  predict(pass, targets, trace);
  parts_.joint.forward(pass, trace.memory, trace.predictions, logits, trace.joint);
}

template <class T>
void Transducer<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& dlogits,
                             Sequences<T>* dx, std::span<T> gradient, TransducerTrace<T>& trace) const {
  this->check_gradient("transducer.backward", gradient.size());
  const kernels::StandardFloatMode mode;
  parts_.joint.backward(pass, trace.memory, trace.predictions, dlogits, trace.dmemory, trace.dpredictions,
                        gradient, trace.joint);
  trace.dprediction_state.resize(trace.prediction_state.shape());
  trace.dprediction_state.fill(T(0));
  const View<T> dprediction = trace.dprediction_state.matrix();
  parts_.prediction->backward(pass, trace.embedded, trace.predictions, trace.dpredictions, dprediction,
                              &trace.dembedded, gradient, *trace.prediction);
  parts_.prediction->start_gradient(dprediction, gradient);
  parts_.embedding.backward(pass, trace.fed, trace.embedded, trace.dembedded, {}, nullptr, gradient,
                            trace.embedding);
  trace.dencoder_state.resize(trace.encoder_state.shape());
  trace.dencoder_state.fill(T(0));
  const View<T> dencoder = trace.dencoder_state.matrix();
  parts_.encoder->backward(pass, x, trace.memory, trace.dmemory, dencoder, dx, gradient, *trace.encoder);
  parts_.encoder->start_gradient(dencoder, gradient);
}

template <class T>
std::string Transducer<T>::first_non_finite(const Sequences<T>& logits,
                                            const TransducerTrace<T>& trace) const {
  if (std::string layer = parts_.encoder->first_non_finite("encoder", trace.memory, *trace.encoder);
      !layer.empty())
    return layer;
  const auto finite = [](T v) { return std::isfinite(v); };
  if (!std::ranges::all_of(trace.embedded.values(), finite)) return "the embedding";
  if (std::string layer =
          parts_.prediction->first_non_finite("prediction", trace.predictions, *trace.prediction);
      !layer.empty())
    return layer;
  return std::ranges::all_of(logits.values(), finite) ? "" : "the joint network";
}

template <class T>
std::vector<std::vector<Transcript>> Transducer<T>::search(ThreadPool& pool, const Sequences<T>& x,
                                                           const TransducerSearchOptions& options) const {
  const kernels::StandardFloatMode mode;
  TransducerTrace<T> trace = make_trace();
  encode({.pool = &pool}, x, trace);
  Tensor<T> start({1, parts_.prediction->state_size()});
  parts_.prediction->start(this->weights(), start.matrix());
  return transducer_search(pool, parts_, trace.memory, std::as_const(start).span(), options);
}

template struct TransducerParts<float>;
template struct TransducerParts<double>;
template class Transducer<float>;
template class Transducer<double>;

}  // namespace carousel
