#include "model/bridge.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "kernels/activation_kinds.h"
#include "layers/work_split.h"

namespace carousel {

static constexpr kernels::Activation kTanh{kernels::ActivationKind::tanh};

/// The columns of the layer's state that are one of these.
template <class T>
static std::vector<std::size_t> columns_of(const Layer<T>& layer, std::initializer_list<StateValue> wanted) {
  std::vector<StateValue> values(layer.state_size());
  layer.name_values(values);
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < values.size(); ++column)
    if (std::ranges::find(wanted, values[column]) != wanted.end()) columns.push_back(column);
  return columns;
}

/// Some columns of a state as a matrix of their own, and back.
template <class T>
static void gather(View<const T> state, const std::vector<std::size_t>& columns, Tensor<T>& out) {
  out.resize({state.rows(), columns.size()});
  for (std::size_t r = 0; r < state.rows(); ++r)
    for (std::size_t j = 0; j < columns.size(); ++j) out.matrix()(r, j) = state(r, columns[j]);
}
template <class T>
static void scatter(const Tensor<T>& values, const std::vector<std::size_t>& columns, View<T> state) {
  for (std::size_t r = 0; r < state.rows(); ++r) {
    std::fill_n(state.row(r), state.columns(), T(0));
    for (std::size_t j = 0; j < columns.size(); ++j) state(r, columns[j]) = values.matrix()(r, j);
  }
}

template <class T>
Bridge<T>::Bridge(const Layer<T>& encoder, const Layer<T>& decoder)
    : from_(columns_of(encoder, {StateValue::memory, StateValue::normaliser})),
      to_(columns_of(decoder, {StateValue::memory})),
      ones_(columns_of(decoder, {StateValue::normaliser})),
      affine_(from_.size(), to_.size()) {}

template <class T>
void Bridge<T>::forward(ThreadPool& pool, View<const T> encoder_state, View<T> start,
                        BridgeTrace<T>& trace) const {
  gather(encoder_state, from_, trace.x);
  trace.y.resize({start.rows(), outputs()});
  const View<const T> x = std::as_const(trace.x).matrix();
  split_work(pool, x.rows(), x.rows() * inputs() * outputs(), [&](std::size_t begin, std::size_t end) {
    affine_.map(x.rows(begin, end - begin), trace.y.matrix().rows(begin, end - begin));
  });
  kernels::activate(kTanh, trace.y.data(), trace.y.size());
  scatter(trace.y, to_, start);
  for (std::size_t r = 0; r < start.rows(); ++r)
    for (const std::size_t column : ones_) start(r, column) = T(1);
}

template <class T>
void Bridge<T>::backward(ThreadPool& pool, View<const T> dstart, View<T> dencoder_state,
                         std::span<T> gradient, BridgeTrace<T>& trace) const {
  gather(dstart, to_, trace.dy);
  kernels::activation_gradient(kTanh, std::as_const(trace.y).data(), trace.dy.data(), trace.dy.size());
  const View<const T> dy = std::as_const(trace.dy).matrix();
  affine_.add_gradients(pool, dy, std::as_const(trace.x).matrix(), gradient, trace.packed);
  trace.dx.resize(trace.x.shape());
  affine_.input_gradient(pool, dy, trace.dx.matrix());
  scatter(trace.dx, from_, dencoder_state);
}

template class Bridge<float>;
template class Bridge<double>;

}  // namespace carousel
