#include "layers/pyramid.h"

#include <fmt/format.h>

#include <algorithm>

namespace carousel {

template <class T>
std::string Pyramid<T>::description() const {
  return fmt::format("pyramid, factor {}", this->stride());
}

template <class T>
void Pyramid<T>::join(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                      std::span<T> y) const noexcept {
  auto at = y.begin();
  for (std::size_t t = begin; t < end; ++t) at = std::ranges::copy(x.at(b, t), at).out;
  std::fill(at, y.end(), T(0));
}

template <class T>
void Pyramid<T>::share_out(const Sequences<T>&, std::size_t b, std::size_t begin, std::size_t end,
                           std::span<const T>, std::span<const T> dy, Sequences<T>& dx) const noexcept {
  // Windows do not overlap: what dx holds there is zero.
  for (std::size_t t = begin; t < end; ++t)
    std::ranges::copy(dy.subspan((t - begin) * this->inputs(), this->inputs()), dx.at(b, t).begin());
}

template class Pyramid<float>;
template class Pyramid<double>;

}  // namespace carousel
