#include "cells/rnn_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/activations.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Start;

const std::vector<std::string>& rnn_activation_names() {
  static const std::vector<std::string> names = {"tanh", "relu"};
  return names;
}

template <class T>
std::string RnnCell<T>::description() const {
  return fmt::format("rnn, hidden {}, {}", this->outputs(),
                     rnn_activation_names()[static_cast<std::size_t>(activation_)]);
}

template <class T>
void RnnCell<T>::declare(ParameterTable& table, const std::string& name) {
  using Factor = WeightGradient::Factor;
  const std::size_t H = this->outputs(), F = this->inputs();
  W_ = table.add_matrix(name + ".W", H, F);
  R_ = table.add_matrix(name + ".R", H, H);
  b_ = table.add(name + ".b", {H});
  this->add_gradient(WeightGradient{W_, 0, H, Factor::input, 0, F});
  this->add_gradient(WeightGradient{R_, 0, H, Factor::hidden, 0, H});
  this->add_gradient(BiasGradient{b_, 0, H});
}

template <class T>
void RnnCell<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = this->outputs(), F = this->inputs();
  fill_uniform(weights.subspan(W_, H * F), glorot_limit(F, H), seed, W_);
  const std::span<T> R = weights.subspan(R_, H * H);
  if (activation_ == RnnActivation::relu) {
    std::ranges::fill(R, T(0));
    for (std::size_t j = 0; j < H; ++j) R[j * H + j] = T(1);
  } else {
    fill_uniform(R, 1.0 / std::sqrt(static_cast<double>(H)), seed, R_);
  }
  std::ranges::fill(weights.subspan(b_, H), T(0));
}

template <class T>
void RnnCell<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t H = this->outputs(), F = this->inputs();
  const T *W = weights.data() + W_, *R = weights.data() + R_;
  input_.pack(W, F, H, 1, F, 1, packing.weights);
  recurrent_.pack(R, H, H, 1, H, 1, packing.weights);
  if (packing.backward) {
    input_gradient_.pack(W, H, F, F, 1);
    recurrent_gradient_.pack(R, H, H, H, 1);
  }
  bias_.assign(weights.begin() + b_, weights.begin() + b_ + H);
}

template <class T>
void RnnCell<T>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  product(x, input_, gates, Start::bias, share, nullptr, bias_.data());
}

template <class T>
void RnnCell<T>::forward(const CellStep<T>& step) const noexcept {
  struct Activate {
    RnnActivation activation;
    View<T> gates, h;
  } const all{activation_, step.gates, step.h};
  const kernels::Epilogue epilogue{
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        const Activate& a = *static_cast<const Activate*>(of);
        for (std::size_t r = row; r < row + rows; ++r) {
          T *const gates = a.gates.row(r) + unit, *const h = a.h.row(r) + unit;
          if (a.activation == RnnActivation::tanh) {
            kernels::tanh(gates, gates, units);
          } else {
            for (std::size_t j = 0; j < units; ++j) gates[j] = gates[j] < T(0) ? T(0) : gates[j];
          }
          std::copy_n(gates, units, h);
        }
      },
      &all};
  product(step.h_before, recurrent_, step.gates, Start::accumulate, step.share, &epilogue);
}

template <class T>
void RnnCell<T>::backward(const CellStepBack<T>& step) const noexcept {
  const Share::Range units = step.share.of(this->outputs());
  for (std::size_t r = 0; r < step.gates.rows(); ++r)
    for (std::size_t j = units.begin; j < units.end; ++j) {
      const T h = step.gates(r, j);
      const T slope = activation_ == RnnActivation::tanh ? T(1) - h * h : T(h > T(0));
      step.dgates(r, j) = step.dh(r, j) * slope;
    }
}

template <class T>
void RnnCell<T>::hidden_gradient(View<const T> dgates, View<T> dh, View<T>, Share share) const noexcept {
  product(dgates, recurrent_gradient_, dh, Start::zero, share);
}

template <class T>
void RnnCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(dgates, input_gradient_, dx, Start::zero, {});
}

template class RnnCell<float>;
template class RnnCell<double>;

}  // namespace carousel
