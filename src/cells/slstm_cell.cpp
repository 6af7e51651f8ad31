#include "cells/slstm_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cells/gate_order.h"
#include "kernels/slstm_gates.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Rows;
using kernels::Start;

template <class T>
std::string SlstmCell<T>::description() const {
  return fmt::format("slstm, hidden {}, {} heads, {} forget gate", this->outputs(), heads_.size(),
                     forget_activation_names()[static_cast<std::size_t>(forget_activation_)]);
}

template <class T>
void SlstmCell<T>::declare(ParameterTable& table, const std::string& name) {
  using Factor = WeightGradient::Factor;
  const std::size_t G = 4 * this->outputs(), F = this->inputs(), d = size_;
  W_ = table.add_matrix(name + ".W", G, F);
  R_ = table.add_matrix(name + ".R", G, d);
  b_ = table.add(name + ".b", {G});
  this->add_gradient(WeightGradient{W_, 0, G, Factor::input, 0, F});
  for (std::size_t head = 0; head < heads_.size(); ++head)
    this->add_gradient(
        WeightGradient{R_ + head * 4 * d * d, head * 4 * d, 4 * d, Factor::hidden, head * d, d});
  this->add_gradient(BiasGradient{b_, 0, G});
}

template <class T>
void SlstmCell<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t G = 4 * this->outputs(), F = this->inputs(), d = size_;
  fill_uniform(weights.subspan(W_, G * F), glorot_limit(F, this->outputs()), seed, W_);
  fill_uniform(weights.subspan(R_, G * d), 1.0 / std::sqrt(static_cast<double>(d)), seed, R_);
  const std::span<T> b = weights.subspan(b_, G);
  std::ranges::fill(b, T(0));
  // As of the LSTM; an exponential gate begins at 1, which keeps everything.
  const T forget_bias = forget_activation_ == ForgetActivation::sigmoid ? T(1) : T(0);
  for (std::size_t head = 0; head < heads_.size(); ++head)
    std::ranges::fill(b.subspan(head * 4 * d + static_cast<std::size_t>(Gate::forget) * d, d), forget_bias);
}

template <class T>
void SlstmCell<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t G = 4 * this->outputs(), F = this->inputs(), d = size_;
  for (std::size_t head = 0; head < heads_.size(); ++head) {
    const T *W = weights.data() + W_ + head * 4 * d * F, *R = weights.data() + R_ + head * 4 * d * d;
    heads_[head].input.pack(W, F, 4 * d, 1, F, kGates, packing.weights);
    heads_[head].recurrent.pack(R, d, 4 * d, 1, d, kGates, packing.weights);
    if (packing.backward) heads_[head].recurrent_gradient.pack(R, 4 * d, d, d, 1);
  }
  if (packing.backward) input_gradient_.pack(weights.data() + W_, G, F, F, 1);
  bias_.assign(weights.begin() + b_, weights.begin() + b_ + G);
}

template <class T>
std::vector<Recorded> SlstmCell<T>::recorded() const {
  const std::size_t H = this->outputs();
  return {{"c", true, 0, H}, {"n", true, H, H}, {"m", true, 2 * H, H}};
}

template <class T>
void SlstmCell<T>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  const Share::Range heads = share.of(heads_.size());
  for (std::size_t head = heads.begin; head < heads.end; ++head)
    product(x, heads_[head].input, gates_of(head, gates), Start::bias, {}, nullptr,
            bias_.data() + head * 4 * size_);
}

template <class T>
void SlstmCell<T>::forward(const CellStep<T>& step) const noexcept {
  const std::size_t H = this->outputs(), d = size_;
  const Share::Range heads = step.share.of(heads_.size());
  for (std::size_t head = heads.begin; head < heads.end; ++head) {
    const std::size_t first = head * d;
    const kernels::SlstmForward<T> arithmetic{H,
                                              d,
                                              forget_activation_ == ForgetActivation::exponential,
                                              rows_of(gates_of(head, step.gates)),
                                              rows_of(step.gates.columns(4 * H + first, d)),
                                              rows_of(step.memory_before.columns(first, d)),
                                              rows_of(step.memory.columns(first, d)),
                                              rows_of(step.h.columns(first, d))};
    const kernels::Epilogue epilogue{
        [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
          kernels::slstm_gates_forward(*static_cast<const kernels::SlstmForward<T>*>(of), row, rows, unit,
                                       units);
        },
        &arithmetic};
    product(step.h_before.columns(first, d), heads_[head].recurrent, gates_of(head, step.gates),
            Start::accumulate, {}, &epilogue);
  }
}

template <class T>
void SlstmCell<T>::backward(const CellStepBack<T>& step) const noexcept {
  const std::size_t H = this->outputs(), d = size_;
  const Share::Range units = step.share.of(H);
  for (std::size_t unit = units.begin, end; unit < units.end; unit = end) {
    const std::size_t head = unit / d, first = head * d;
    end = std::min(units.end, first + d);
    const kernels::SlstmBackward<T> arithmetic{H,
                                               d,
                                               rows_of(step.gates.columns(head * 4 * d, 4 * d)),
                                               rows_of(step.gates.columns(4 * H + first, d)),
                                               rows_of(step.memory_before.columns(first, d)),
                                               rows_of(step.memory.columns(first, d)),
                                               rows_of(View<const T>(step.dh.columns(first, d))),
                                               rows_of(step.dmemory.columns(first, d)),
                                               rows_of(gates_of(head, step.dgates))};
    kernels::slstm_gates_backward(arithmetic, 0, step.gates.rows(), unit - first, end - unit);
  }
}

template <class T>
void SlstmCell<T>::hidden_gradient(View<const T> dgates, View<T> dh, View<T>, Share share) const noexcept {
  const Share::Range heads = share.of(heads_.size());
  for (std::size_t head = heads.begin; head < heads.end; ++head)
    product(dgates.columns(head * 4 * size_, 4 * size_), heads_[head].recurrent_gradient,
            dh.columns(head * size_, size_), Start::zero, {});
}

template <class T>
void SlstmCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(dgates, input_gradient_, dx, Start::zero, {});
}

template class SlstmCell<float>;
template class SlstmCell<double>;

}  // namespace carousel
