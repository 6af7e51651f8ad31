#include "layers/pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace carousel {

const std::vector<std::string>& pooling_names() {
  static const std::vector<std::string> names = {"max", "mean", "last"};
  return names;
}

template <class T>
std::string Pool<T>::description() const {
  const std::string& name = pooling_names()[static_cast<std::size_t>(pooling_)];
  if (this->window() == kWholeSequence) return fmt::format("pool, {}, window all", name);
  return fmt::format("pool, {}, window {}, stride {}", name, this->window(), this->stride());
}

template <class T>
void Pool<T>::join(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                   std::span<T> y) const noexcept {
  std::ranges::copy(x.at(b, pooling_ == Pooling::last ? end - 1 : begin), y.begin());
  if (pooling_ == Pooling::last) return;
  for (std::size_t t = begin + 1; t < end; ++t) {
    const std::span<const T> more = x.at(b, t);
    for (std::size_t f = 0; f < y.size(); ++f) {
      if (pooling_ == Pooling::mean)
        y[f] += more[f];
      else
        y[f] = y[f] >= more[f] || y[f] != y[f] ? y[f] : more[f];  // a NaN, once met, stays
    }
  }
  if (pooling_ == Pooling::mean)
    for (T& value : y) value /= static_cast<T>(end - begin);
}

template <class T>
void Pool<T>::share_out(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                        std::span<const T> y, std::span<const T> dy, Sequences<T>& dx) const noexcept {
  for (std::size_t f = 0; f < y.size(); ++f) {
    if (pooling_ == Pooling::mean) {
      for (std::size_t t = begin; t < end; ++t) dx.at(b, t)[f] += dy[f] / static_cast<T>(end - begin);
    } else if (pooling_ == Pooling::last) {
      dx.at(b, end - 1)[f] += dy[f];
    } else {
      std::size_t t = begin;  // of equals the first, of none (NaN) the last
      while (t + 1 < end && x.at(b, t)[f] != y[f]) ++t;
      dx.at(b, t)[f] += dy[f];
    }
  }
}

template class Pool<float>;
template class Pool<double>;

}  // namespace carousel
