#include "layers/affine.h"

#include <algorithm>

#include "kernels/reductions.h"
#include "layers/outer_products.h"
#include "tensor/initialise.h"

namespace carousel {

template <class T>
void Affine<T>::declare(ParameterTable& table, const std::string& name) {
  W_ = table.add_matrix(name + ".W", outputs_, inputs_);
  if (has_bias_) b_ = table.add(name + ".b", {outputs_});
}

template <class T>
void Affine<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  fill_uniform(weights.subspan(W_, outputs_ * inputs_), glorot_limit(inputs_, outputs_), seed, W_);
  if (has_bias_) std::ranges::fill(weights.subspan(b_, outputs_), T(0));
}

template <class T>
void Affine<T>::pack(std::span<const T> weights, const Packing& packing) {
  weights_.pack(weights.data() + W_, inputs_, outputs_, 1, inputs_, 1, packing.weights);
  if (packing.backward) transposed_.pack(weights.data() + W_, outputs_, inputs_, inputs_, 1);
  bias_.assign(outputs_, T(0));
  if (has_bias_) std::ranges::copy(weights.subspan(b_, outputs_), bias_.begin());
}

template <class T>
void Affine<T>::map(View<const T> x, View<T> y) const noexcept {
  gemm(x.rows(), kernels::LeftMatrix<T>{x.data(), x.stride()}, weights_, y.data(), y.stride(),
       kernels::Start::bias, bias_.data());
}

template <class T>
void Affine<T>::add_gradients(ThreadPool& pool, View<const T> dy, View<const T> x, std::span<T> gradient,
                              kernels::PackedMatrix<T>& packed) const {
  add_outer_products(pool, dy, x, gradient.data() + W_, packed);
  if (has_bias_) kernels::add_column_sums(dy.data(), dy.rows(), outputs_, dy.stride(), gradient.data() + b_);
}

template <class T>
void Affine<T>::input_gradient(ThreadPool& pool, View<const T> dy, View<T> dx) const {
  split_work(pool, dy.rows(), dy.rows() * outputs_ * inputs_, [&](std::size_t begin, std::size_t end) {
    gemm(end - begin, kernels::LeftMatrix<T>{dy.row(begin), dy.stride()}, transposed_, dx.row(begin),
         dx.stride(), kernels::Start::zero);
  });
}

template class Affine<float>;
template class Affine<double>;

}  // namespace carousel
