#include "layers/dropout.h"

#include <fmt/format.h>

#include <algorithm>

#include "layers/check.h"
#include "layers/work_split.h"

namespace carousel {

template <class T>
std::string Dropout<T>::description() const {
  return fmt::format("dropout, rate {}{}", rate_, variational_ ? " variational=on" : "");
}

template <class T>
void Dropout<T>::declare(ParameterTable& table, const std::string&) {
  stream_ = table.next_stream();  // no parameters, but random numbers of its own
}

template <class T>
void Dropout<T>::mask(const Pass& pass, const Sequences<T>& in, Sequences<T>& out) const {
  const SequenceLayout& layout = in.layout();
  const Random random(pass.seed, (stream_ << 40) | pass.update);
  const auto threshold = static_cast<std::uint64_t>(rate_ * 0x1p32);
  const T scale = static_cast<T>(1.0 / (1.0 - rate_));
  const std::size_t F = in.features(), words = (F + 3) / 4;  // Philox gives four numbers at once
  split_work(*pass.pool, layout.batch(), in.values().size() * 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t slot = begin; slot < end; ++slot) {
      const std::uint64_t b = layout.sequence(slot);
      for (std::size_t t = 0; t < layout.length(b); ++t) {
        const std::span<const T> from = in.at(b, t);
        const std::span<T> to = out.at(b, t);
        for (std::size_t word = 0; word < words; ++word) {
          const std::uint64_t step = variational_ ? 0 : pass.first_step + t;
          const auto bits = random.block(((b << 32) + step) * words + word);
          for (std::size_t f = 4 * word; f < std::min(F, 4 * word + 4); ++f)
            to[f] = bits[f % 4] < threshold ? T(0) : from[f] * scale;
        }
      }
    }
  });
}

template <class T>
void Dropout<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                         Trace<T>&) const {
  check_forward(*this, "dropout.forward", x, View<const T>(state));
  y.reshape(x.layout_pointer(), this->outputs());
  if (pass.training) {
    mask(pass, x, y);
  } else {
    std::ranges::copy(x.values(), y.values().begin());
  }
}

template <class T>
void Dropout<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                          const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T>,
                          Trace<T>&) const {
  check_backward(*this, "dropout.backward", x, y, dy, View<const T>(dstate), pass.training);
  if (dx == nullptr) return;
  dx->reshape(x.layout_pointer(), this->inputs());
  mask(pass, dy, *dx);
}

template <class T>
void Dropout<T>::step(View<const T> x, View<T>, View<T> y, T*) const noexcept {
  for (std::size_t b = 0; b < x.rows(); ++b) std::copy_n(x.row(b), x.columns(), y.row(b));
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace carousel
