// What one connection of a circuit does to the values of a step.
#pragma once

#include "layers/circuit.h"

namespace carousel {

template <class T>
class LinkValues {
 public:
  /// before, now: rows of values; packed: all links' weights.
  LinkValues(const Link& link, const T* packed, const T* before, const T* now) noexcept
      : link_(link),
        weights_(packed + link.weights),
        sources_(link.now ? now : before),
        gaters_(link.gater_now ? now : before) {}

  /// g of unit k of those that the link leads to.
  T gain(std::size_t k) const noexcept { return link_.gaters == 0 ? T(1) : gaters_[link_.gater_of(k)]; }
  T weight(std::size_t k, std::size_t i) const noexcept { return weights_[k * link_.fan_in + i]; }
  /// y or s that weight (k, i) meets.
  T source(std::size_t k, std::size_t i) const noexcept { return sources_[link_.source(k) + i]; }

  /// sum over i of w_ki y_i: what the gain is a factor of.
  T sum(std::size_t k) const noexcept {
    T sum = 0;
    for (std::size_t i = 0; i < link_.fan_in; ++i) sum += weight(k, i) * source(k, i);
    return sum;
  }
  /// The other way: adds d times unit k's weights to its sources' places in a row.
  void add_back(std::size_t k, T d, T* row) const noexcept {
    for (std::size_t i = 0; i < link_.fan_in; ++i) row[link_.source(k) + i] += d * weight(k, i);
  }
  /// Adds d times its sources to unit k's weights [pairs].
  void add_outer(std::size_t k, T d, T* gradient) const noexcept {
    for (std::size_t i = 0; i < link_.fan_in; ++i) gradient[k * link_.fan_in + i] += d * source(k, i);
  }

 private:
  const Link& link_;
  const T* weights_;
  const T* sources_;
  const T* gaters_;
};

}  // namespace carousel
