#include "layers/dense.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/outer_products.h"
#include "tensor/initialise.h"

namespace carousel {

namespace {

template <class T>
struct DenseTrace : Trace<T> {
  bool kept = false;
  Tensor<T> dpre;  // [rows, outputs], gradient on the pre-activations
  kernels::PackedMatrix<T> packed;
};

template <class T>
void activate(Activation activation, T* values, std::size_t n) noexcept {
  switch (activation) {
    case Activation::identity:
      return;
    case Activation::tanh:
      return kernels::tanh(values, values, n);
    case Activation::sigmoid:
      return kernels::sigmoid(values, values, n);
    case Activation::relu:
      for (std::size_t i = 0; i < n; ++i) values[i] = values[i] < T(0) ? T(0) : values[i];  // NaN stays NaN
  }
}

/// dpre = dy * derivative of the activation, written in terms of its output y.
template <class T>
void activation_gradient(Activation activation, std::span<const T> y, std::span<const T> dy,
                         std::span<T> dpre) {
  switch (activation) {
    case Activation::identity:
      std::ranges::copy(dy, dpre.begin());
      return;
    case Activation::tanh:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = dy[i] * (T(1) - y[i] * y[i]);
      return;
    case Activation::sigmoid:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = dy[i] * (y[i] * (T(1) - y[i]));
      return;
    case Activation::relu:
      for (std::size_t i = 0; i < y.size(); ++i) dpre[i] = y[i] > T(0) ? dy[i] : T(0);
  }
}

}  // namespace

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"identity", "tanh", "sigmoid", "relu"};
  return names;
}

template <class T>
std::string Dense<T>::description() const {
  return fmt::format("dense, {} outputs, {}", this->outputs(),
                     activation_names()[static_cast<std::size_t>(activation_)]);
}

template <class T>
void Dense<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", this->outputs(), this->inputs());
  b_ = table.add(name + ".b", {this->outputs()});
}

template <class T>
void Dense<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t F = this->inputs(), O = this->outputs();
  fill_uniform(weights.subspan(W_, O * F), glorot_limit(F, O), seed, W_);
  std::ranges::fill(weights.subspan(b_, O), T(0));
}

template <class T>
void Dense<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t F = this->inputs(), O = this->outputs();
  weights_.pack(weights.data() + W_, F, O, 1, F, 1, packing.weights);
  if (packing.backward) transposed_.pack(weights.data() + W_, O, F, F, 1);
  bias_.assign(weights.begin() + b_, weights.begin() + b_ + O);
}

template <class T>
std::unique_ptr<Trace<T>> Dense<T>::make_trace() const {
  return std::make_unique<DenseTrace<T>>();
}

template <class T>
void Dense<T>::map(View<const T> x, View<T> y) const noexcept {
  gemm(x.rows(), kernels::LeftMatrix<T>{x.data(), x.stride()}, weights_, y.data(), y.stride(),
       kernels::Start::bias, bias_.data());
  for (std::size_t r = 0; r < y.rows(); ++r) activate(activation_, y.row(r), y.columns());
}

template <class T>
void Dense<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& base) const {
  check_forward(*this, "dense.forward", x, View<const T>(state));
  static_cast<DenseTrace<T>&>(base).kept = pass.keeps_trace();
  y.reshape(x.layout_pointer(), this->outputs());
  split_work(*pass.pool, x.rows(), x.rows() * this->inputs() * this->outputs(),
             [&](std::size_t begin, std::size_t end) {
               map(x.matrix().rows(begin, end - begin), y.matrix().rows(begin, end - begin));
             });
}

template <class T>
void Dense<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                        const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                        Trace<T>& base) const {
  DenseTrace<T>& trace = static_cast<DenseTrace<T>&>(base);
  check_backward(*this, "dense.backward", x, y, dy, View<const T>(dstate), trace.kept);
  const std::size_t rows = x.rows(), O = this->outputs();
  trace.dpre.resize({rows, O});
  activation_gradient(activation_, y.values(), dy.values(), trace.dpre.span());
  const View<const T> dpre = trace.dpre.matrix();
  add_outer_products(*pass.pool, dpre, x.matrix(), gradient.data() + W_, trace.packed);
  kernels::add_column_sums(dpre.data(), rows, O, O, gradient.data() + b_);
  if (dx == nullptr) return;
  dx->reshape(x.layout_pointer(), this->inputs());
  split_work(*pass.pool, rows, rows * O * this->inputs(), [&](std::size_t begin, std::size_t end) {
    gemm(end - begin, kernels::LeftMatrix<T>{dpre.row(begin), O}, transposed_, dx->matrix().row(begin),
         this->inputs(), kernels::Start::zero);
  });
}

template <class T>
void Dense<T>::step(View<const T> x, View<T>, View<T> y, T*) const noexcept {
  map(x, y);
}

template class Dense<float>;
template class Dense<double>;

}  // namespace carousel
