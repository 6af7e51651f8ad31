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
  W_ = table.add_matrix(name + ".W", kGates * hidden_, inputs_);
  R_ = table.add_matrix(name + ".R", kGates * hidden_, hidden_);
  b_ = table.add(name + ".b", {kGates * hidden_});
  using Factor = WeightGradient::Factor;
  this->add_gradient(WeightGradient{W_, 0, kGates * hidden_, Factor::input, 0, inputs_});
  this->add_gradient(WeightGradient{R_, 0, kGates * hidden_, Factor::hidden, 0, hidden_});
  this->add_gradient(BiasGradient{b_, 0, kGates * hidden_});
}

template <class T>
std::vector<Recorded> LstmCell<T>::recorded() const {
  std::vector<Recorded> result;
  for (std::size_t gate = 0; gate < kGates; ++gate)
    result.push_back({kGateNames[gate], false, gate * hidden_, hidden_});
  result.push_back({"c", true, 0, hidden_});
  return result;
}

template <class T>
void LstmCell<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = hidden_, F = inputs_, G = kGates * hidden_;
  fill_uniform(weights.subspan(W_, G * F), glorot_limit(F, H), seed, W_);
  fill_uniform(weights.subspan(R_, G * H), 1.0 / std::sqrt(static_cast<double>(H)), seed, R_);
  const std::span<T> b = weights.subspan(b_, G);
  std::ranges::fill(b, T(0));
  std::ranges::fill(b.subspan(static_cast<std::size_t>(Gate::forget) * H, H), static_cast<T>(forget_bias_));
}

template <class T>
void LstmCell<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t H = hidden_, F = inputs_, G = kGates * hidden_;
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
void LstmCell<T>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  product(x, input_, gates, Start::bias, share, nullptr, bias_.data());
}

template <class T>
void LstmCell<T>::forward(const CellStep<T>& step) const noexcept {
  const kernels::LstmForward<T> arithmetic = kernels::plain_lstm_forward<T>(
      hidden_, rows_of(step.gates), rows_of(step.memory_before), rows_of(step.memory), rows_of(step.h));
  const kernels::Epilogue epilogue{
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        kernels::lstm_gates_forward(*static_cast<const kernels::LstmForward<T>*>(of), row, rows, unit, units);
      },
      &arithmetic};
  product(step.h_before, recurrent_, step.gates, Start::accumulate, step.share, &epilogue);
}

template <class T>
void LstmCell<T>::backward(const CellStepBack<T>& step) const noexcept {
  const kernels::LstmBackward<T> arithmetic = kernels::plain_lstm_backward<T>(
      hidden_, rows_of(step.gates), rows_of(step.memory_before), rows_of(step.memory),
      rows_of<const T>(step.dh), rows_of(step.dmemory), rows_of(step.dgates));
  const Share::Range units = step.share.of(hidden_);
  kernels::lstm_gates_backward(arithmetic, 0, step.gates.rows(), units.begin, units.end - units.begin);
}

template <class T>
void LstmCell<T>::hidden_gradient(View<const T> dgates, View<T> dh, View<T>, Share share) const noexcept {
  product(dgates, recurrent_gradient_, dh, Start::zero, share);
}

template <class T>
void LstmCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(dgates, input_gradient_, dx, Start::zero, {});
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
