#include "layers/layer_norm.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/normalise.h"
#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

constexpr std::size_t kWorkAnElement = 8;  // in multiply-adds

template <class T>
struct LayerNormTrace : Trace<T> {
  Tensor<T> products;  // [rows, F], dy times the normalised x
};

}  // namespace

template <class T>
std::string LayerNorm<T>::description() const {
  return fmt::format("layer_norm, eps {}", eps_);
}

template <class T>
void LayerNorm<T>::declare(ParameterTable& table, const std::string& name) {
  gain_offset_ = table.add(name + ".gain", {this->inputs()});
  bias_offset_ = table.add(name + ".b", {this->inputs()});
}

template <class T>
void LayerNorm<T>::initialise(std::span<T> weights, std::uint64_t) const {
  std::ranges::fill(weights.subspan(gain_offset_, this->inputs()), T(1));
  std::ranges::fill(weights.subspan(bias_offset_, this->inputs()), T(0));
}

template <class T>
void LayerNorm<T>::pack(std::span<const T> weights, const Packing&) {
  const auto copy = [&](std::size_t offset, AlignedVector<T>& to) {
    const std::span<const T> from = weights.subspan(offset, this->inputs());
    to.assign(from.begin(), from.end());
  };
  copy(gain_offset_, gain_);
  copy(bias_offset_, bias_);
}

template <class T>
std::unique_ptr<Trace<T>> LayerNorm<T>::make_trace() const {
  return std::make_unique<LayerNormTrace<T>>();
}

template <class T>
void LayerNorm<T>::map(View<const T> x, View<T> y) const noexcept {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    T* const to = y.row(r);
    kernels::normalise(x.row(r), to, this->inputs(), static_cast<T>(eps_));
    for (std::size_t f = 0; f < this->inputs(); ++f) to[f] = to[f] * gain_[f] + bias_[f];
  }
}

template <class T>
void LayerNorm<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                           Trace<T>&) const {
  check_forward(*this, "layer_norm.forward", x, View<const T>(state));
  y.reshape(x.layout_pointer(), this->outputs());
  split_work(*pass.pool, x.rows(), x.values().size() * kWorkAnElement,
             [&](std::size_t begin, std::size_t end) {
               map(x.matrix().rows(begin, end - begin), y.matrix().rows(begin, end - begin));
             });
}

template <class T>
void LayerNorm<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                            const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                            Trace<T>& base) const {
  LayerNormTrace<T>& trace = static_cast<LayerNormTrace<T>&>(base);
  check_backward(*this, "layer_norm.backward", x, y, dy, View<const T>(dstate), pass.training);
  const std::size_t rows = x.rows(), F = this->inputs();
  trace.products.resize({rows, F});
  if (dx != nullptr) dx->reshape(x.layout_pointer(), F);
  split_work(*pass.pool, rows, rows * F * 2 * kWorkAnElement, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      T* const normalised = trace.products.matrix().row(r);
      const T* const above = dy.matrix().row(r);
      const T scale = kernels::normalise(x.matrix().row(r), normalised, F, static_cast<T>(eps_));
      if (dx != nullptr) {
        T* const below = dx->matrix().row(r);
        for (std::size_t f = 0; f < F; ++f) below[f] = above[f] * gain_[f];
        kernels::normalise_gradient(normalised, scale, below, F);
      }
      for (std::size_t f = 0; f < F; ++f) normalised[f] *= above[f];
    }
  });
  kernels::add_column_sums(trace.products.data(), rows, F, F, gradient.data() + gain_offset_);
  kernels::add_column_sums(dy.values().data(), rows, F, F, gradient.data() + bias_offset_);
}

template <class T>
void LayerNorm<T>::step(View<const T> x, View<T>, View<T> y, T*) const noexcept {
  map(x, y);
}

template class LayerNorm<float>;
template class LayerNorm<double>;

}  // namespace carousel
