#include "layers/embedding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers/check.h"
#include "layers/work_split.h"
#include "tensor/initialise.h"

namespace carousel {

template <class T>
std::string Embedding<T>::description() const {
  return fmt::format("embedding, {} symbols, {} outputs", symbols_, this->outputs());
}

template <class T>
void Embedding<T>::declare(ParameterTable& table, const std::string& name) {
  offset_ = table.add(name + ".vectors", {symbols_, this->outputs()});
}

template <class T>
void Embedding<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  // Of variance 1, as the layers above expect their inputs.
  fill_uniform(weights.subspan(offset_, symbols_ * this->outputs()), std::sqrt(3.0), seed, offset_);
}

template <class T>
void Embedding<T>::pack(std::span<const T> weights, const Packing&) {
  const std::span<const T> vectors = weights.subspan(offset_, symbols_ * this->outputs());
  vectors_.assign(vectors.begin(), vectors.end());
}

template <class T>
void Embedding<T>::check_input(const Sequences<T>& x) const {
  if (x.features() != 1) return;  // forward says so
  const SequenceLayout& layout = x.layout();
  for (std::size_t t = 0; t < layout.time(); ++t)
    for (std::size_t s = 0; s < layout.active(t); ++s)
      if (const T value = x.step(t)(s, 0); !is_symbol(value, symbols_))
        throw Error(
            fmt::format("[embedding] expected the numbers of symbols, 0 to {}, got {} at step {} of "
                        "sequence {}",
                        symbols_ - 1, value, t, layout.sequence(s)));
}

template <class T>
void Embedding<T>::look_up(View<const T> x, View<T> y) const noexcept {
  const std::size_t width = this->outputs();
  for (std::size_t r = 0; r < x.rows(); ++r) {
    if (const T value = x(r, 0); is_symbol(value, symbols_)) {
      std::copy_n(vectors_.data() + static_cast<std::size_t>(value) * width, width, y.row(r));
    } else {
      std::ranges::fill(y.row_span(r), std::numeric_limits<T>::quiet_NaN());
    }
  }
}

template <class T>
void Embedding<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                           Trace<T>&) const {
  check_forward(*this, "embedding.forward", x, View<const T>(state));
  y.reshape(x.layout_pointer(), this->outputs());
  split_work(*pass.pool, x.rows(), y.values().size(), [&](std::size_t begin, std::size_t end) {
    look_up(x.matrix().rows(begin, end - begin), y.matrix().rows(begin, end - begin));
  });
}

template <class T>
void Embedding<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                            const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                            Trace<T>&) const {
  check_backward(*this, "embedding.backward", x, y, dy, View<const T>(dstate), pass.training);
  const std::size_t width = this->outputs();
  // Each sum runs over the rows in ascending order; threads have columns of their own.
  split_work(*pass.pool, width, dy.values().size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T value = x.matrix()(r, 0);
      if (!is_symbol(value, symbols_)) continue;
      T* const sums = gradient.data() + offset_ + static_cast<std::size_t>(value) * width;
      const T* const d = dy.matrix().row(r);
      for (std::size_t c = begin; c < end; ++c) sums[c] += d[c];
    }
  });
  if (dx == nullptr) return;
  dx->reshape(x.layout_pointer(), 1);
  dx->fill(T(0));
}

template <class T>
void Embedding<T>::step(View<const T> x, View<T>, View<T> y, T*) const noexcept {
  look_up(x, y);
}

template class Embedding<float>;
template class Embedding<double>;

}  // namespace carousel
