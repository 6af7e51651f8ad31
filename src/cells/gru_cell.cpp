#include "cells/gru_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/initialise.h"

namespace carousel {

using kernels::GruPart;
using kernels::Start;

namespace {

template <class T>
kernels::Epilogue epilogue_of(const kernels::GruForward<T>& step) {
  return {
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        kernels::gru_gates_forward(*static_cast<const kernels::GruForward<T>*>(of), row, rows, unit, units);
      },
      &step};
}

}  // namespace

const std::vector<std::string>& gru_reset_names() {
  static const std::vector<std::string> names = {"after", "before"};
  return names;
}

template <class T, GruReset kReset>
std::string GruCell<T, kReset>::description() const {
  return fmt::format("gru, hidden {}, reset {} the product", hidden_,
                     gru_reset_names()[static_cast<std::size_t>(kReset)]);
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", 3 * hidden_, inputs_);
  R_ = table.add_matrix(name + ".R", 3 * hidden_, hidden_);
  b_ = table.add(name + ".b", {3 * hidden_});
  if constexpr (kAfter) b_Rn_ = table.add(name + ".b_Rn", {hidden_});

  using Factor = WeightGradient::Factor;
  const std::size_t H = hidden_, F = inputs_;
  const WeightGradient W_n{W_ + 2 * H * F, 0, H, Factor::input, 0, F};
  const WeightGradient W_zr{W_, H, 2 * H, Factor::input, 0, F};
  this->add_gradient(W_n);
  if constexpr (!kAfter)
    this->add_gradient(WeightGradient{R_ + 2 * H * H, 0, H, Factor::activation, 3 * H, H});
  this->add_gradient(W_zr);
  this->add_gradient(WeightGradient{R_, H, (kAfter ? 3 : 2) * H, Factor::hidden, 0, H});
  this->add_gradient(BiasGradient{b_ + 2 * H, 0, H});
  this->add_gradient(BiasGradient{b_, H, 2 * H});
  if constexpr (kAfter) this->add_gradient(BiasGradient{b_Rn_, 3 * H, H});
}

template <class T, GruReset kReset>
std::vector<Recorded> GruCell<T, kReset>::recorded() const {
  const std::size_t H = hidden_;
  return {{"n", false, 0, H}, {"z", false, H, H}, {"r", false, 2 * H, H}};
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = hidden_, F = inputs_;
  fill_uniform(weights.subspan(W_, 3 * H * F), glorot_limit(F, H), seed, W_);
  fill_uniform(weights.subspan(R_, 3 * H * H), 1.0 / std::sqrt(static_cast<double>(H)), seed, R_);
  std::ranges::fill(weights.subspan(b_, 3 * H), T(0));
  if constexpr (kAfter) std::ranges::fill(weights.subspan(b_Rn_, H), T(0));
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t H = hidden_, F = inputs_;
  const T *W = weights.data() + W_, *R = weights.data() + R_, *b = weights.data() + b_;
  std::vector<T> turned(3 * H * F);  // n before z and r
  std::rotate_copy(W, W + 2 * H * F, W + 3 * H * F, turned.begin());
  input_.pack(turned.data(), F, 3 * H, 1, F, 3, packing.weights);
  bias_.resize(3 * H);
  std::rotate_copy(b, b + 2 * H, b + 3 * H, bias_.begin());
  const std::size_t parts = kAfter ? 3 : 2;
  recurrent_.pack(R, H, parts * H, 1, H, parts, packing.weights);
  if constexpr (kAfter) {
    const std::span<const T> b_Rn = weights.subspan(b_Rn_, H);
    bias_Rn_.assign(b_Rn.begin(), b_Rn.end());
  } else {
    recurrent_n_.pack(R + 2 * H * H, H, H, 1, H, 1, packing.weights);
  }
  if (!packing.backward) return;
  input_gradient_.pack(turned.data(), 3 * H, F, F, 1);
  recurrent_gradient_.pack(R, parts * H, H, H, 1);
  if constexpr (!kAfter) recurrent_n_gradient_.pack(R + 2 * H * H, H, H, H, 1);
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  const std::size_t H = hidden_;
  product(x, input_, gates.columns(0, 3 * H), Start::bias, share, nullptr, bias_.data());
  if constexpr (kAfter) {
    const Share::Range units = units_of(recurrent_, share);
    for (std::size_t r = 0; r < gates.rows(); ++r)
      std::copy(bias_Rn_.begin() + units.begin, bias_Rn_.begin() + units.end,
                gates.row(r) + 3 * H + units.begin);
  }
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::forward(const CellStep<T>& step) const noexcept {
  const std::size_t H = hidden_;
  kernels::GruForward<T> arithmetic{GruPart::all, H, rows_of(step.gates), rows_of(step.h_before),
                                    rows_of(step.h)};
  const kernels::Epilogue epilogue = epilogue_of(arithmetic);
  if constexpr (kAfter) {
    product(step.h_before, recurrent_, step.gates.columns(H, 3 * H), Start::accumulate, step.share,
            &epilogue);
  } else {
    arithmetic.part = GruPart::reset;
    product(step.h_before, recurrent_, step.gates.columns(H, 2 * H), Start::accumulate, step.share,
            &epilogue);
    arithmetic.part = GruPart::update;
    product(View<const T>(step.gates.columns(3 * H, H)), recurrent_n_, step.gates.columns(0, H),
            Start::accumulate, step.share, &epilogue);
  }
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::backward(const CellStepBack<T>& step) const noexcept {
  const std::size_t H = hidden_;
  const Share::Range units = step.share.of(H);
  kernels::GruBackward<T> arithmetic{
      GruPart::all, H, rows_of(step.gates), rows_of(step.h_before), rows_of(step.dh), rows_of(step.dgates)};
  const auto run = [&](GruPart part) {
    arithmetic.part = part;
    kernels::gru_gates_backward(arithmetic, 0, step.gates.rows(), units.begin, units.end - units.begin);
  };
  if constexpr (kAfter) {
    run(GruPart::all);
  } else {
    run(GruPart::update);
    product(View<const T>(step.dgates.columns(0, H)), recurrent_n_gradient_, step.dgates.columns(3 * H, H),
            Start::zero, step.share);
    run(GruPart::reset);
  }
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::hidden_gradient(View<const T> dgates, View<T> dh, View<T>,
                                         Share share) const noexcept {
  product(dgates.columns(hidden_, (kAfter ? 3 : 2) * hidden_), recurrent_gradient_, dh, Start::accumulate,
          share);
}

template <class T, GruReset kReset>
void GruCell<T, kReset>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(dgates.columns(0, 3 * hidden_), input_gradient_, dx, Start::zero, {});
}

template class GruCell<float, GruReset::after>;
template class GruCell<double, GruReset::after>;
template class GruCell<float, GruReset::before>;
template class GruCell<double, GruReset::before>;

}  // namespace carousel
