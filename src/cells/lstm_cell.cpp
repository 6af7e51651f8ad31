#include "cells/lstm_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/lstm_gates.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Start;

template <class T>
std::string LstmCell<T>::description() const {
  return fmt::format("lstm, hidden {}, forget gate, no peepholes", hidden_);
}

template <class T>
void LstmCell<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", gates(), inputs_);
  R_ = table.add_matrix(name + ".R", gates(), hidden_);
  b_ = table.add(name + ".b", {gates()});
}

template <class T>
void LstmCell<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = hidden_, F = inputs_, G = gates();
  fill_uniform(weights.subspan(W_, G * F), glorot_limit(F, H), seed, W_);
  fill_uniform(weights.subspan(R_, G * H), 1.0 / std::sqrt(static_cast<double>(H)), seed, R_);
  const std::span<T> b = weights.subspan(b_, G);
  std::ranges::fill(b, T(0));
  std::ranges::fill(b.subspan(static_cast<std::size_t>(Gate::forget) * H, H), static_cast<T>(forget_bias_));
}

template <class T>
void LstmCell<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t H = hidden_, F = inputs_, G = gates();
  const T *W = weights.data() + W_, *R = weights.data() + R_;
  // A product with bf16 has the bits of one with the same weights in float32, which a small cell is faster
  // with.
  const bool widened = packing.weights == WeightFormat::bf16 && kernels::LstmSequence<T>::takes(F, H);
  const WeightFormat format = widened ? WeightFormat::float32 : packing.weights;
  input_.pack(W, F, G, 1, F, kGates, format);
  recurrent_.pack(R, H, G, 1, H, kGates, format);
  if (packing.backward) {
    input_gradient_.pack(W, G, F, F, 1);
    recurrent_gradient_.pack(R, G, H, H, 1);
  }
  const std::span<const T> b = weights.subspan(b_, G);
  bias_.assign(b.begin(), b.end());
  if (runs_alone()) sequence_.pack(input_, recurrent_, bias_.data());
}

template <class T>
std::array<WeightGradient, 2> LstmCell<T>::weight_gradients() const noexcept {
  return {
      {{W_, 0, gates(), WeightGradient::Factor::input}, {R_, 0, gates(), WeightGradient::Factor::hidden}}};
}

template <class T>
void LstmCell<T>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  product(x, input_, gates, Start::bias, share, nullptr, bias_.data());
}

template <class T>
void LstmCell<T>::forward(View<T> gates, View<const T> h_before, View<const T> c_before, View<T> c, View<T> h,
                          Share share) const noexcept {
  const kernels::LstmForward<T> step{hidden_, rows_of(gates), rows_of(c_before), rows_of(c), rows_of(h)};
  const kernels::Epilogue epilogue{
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        kernels::lstm_gates_forward(*static_cast<const kernels::LstmForward<T>*>(of), row, rows, unit, units);
      },
      &step};
  product(h_before, recurrent_, gates, Start::accumulate, share, &epilogue);
}

template <class T>
void LstmCell<T>::backward(View<const T> gates, View<const T>, View<const T> c_before, View<const T> c,
                           View<T> dh, View<T> dc, View<T> dgates, Share share) const noexcept {
  const kernels::LstmBackward<T> step{hidden_,        rows_of(gates),       rows_of(c_before),
                                      rows_of(c),     rows_of<const T>(dh), rows_of(dc),
                                      rows_of(dgates)};
  const Share::Range units = share.of(hidden_);
  kernels::lstm_gates_backward(step, 0, gates.rows(), units.begin, units.end - units.begin);
}

template <class T>
void LstmCell<T>::hidden_gradient(View<const T> dgates, View<T> dh, Share share) const noexcept {
  product(dgates, recurrent_gradient_, dh, Start::zero, share);
}

template <class T>
void LstmCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(dgates, input_gradient_, dx, Start::zero, {});
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
