#include "kernels/normal.h"

#include <algorithm>
#include <cmath>

#include "kernels/activations.h"

namespace carousel::kernels {

namespace {

/// 0.075 <= p <= 0.925, with q = p - 1/2.
double central(double q) noexcept {
  const double r = 0.180625 - q * q;
  const double above = ((5.9109374720e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179;
  const double below = ((6.7187563600e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1.0;
  return q * above / below;
}

/// The rest, with p the smaller of both tails.
double outer(double p) noexcept {
  double log_p;
  log(&p, &log_p, 1);
  double r = std::sqrt(-log_p);
  if (r <= 5) {
    r -= 1.6;
    const double above = ((1.7023821103e-1 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777;
    return above / ((1.2021132975e-1 * r + 7.3700164250e-1) * r + 1.0);
  }
  r -= 5;
  const double above = ((1.7337203997e-2 * r + 4.2868294337e-1) * r + 3.0812263860) * r + 6.6579051150;
  return above / ((1.2258202635e-2 * r + 2.4197894225e-1) * r + 1.0);
}

}  // namespace

double normal_quantile(double p) noexcept {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return central(q);
  return q < 0 ? -outer(p) : outer(1 - p);
}

template <class T>
void fill_normal(const Random& random, std::uint64_t first, T* out, std::size_t n) noexcept {
  for (std::size_t j = 0; j < n;) {
    const std::uint64_t index = first + j;
    const auto bits = random.block(index / 4);
    for (std::size_t word = index % 4; word < 4 && j < n; ++word, ++j)
      out[j] = static_cast<T>(normal_quantile((bits[word] + 0.5) * 0x1p-32));
  }
}

template void fill_normal(const Random&, std::uint64_t, float*, std::size_t) noexcept;
template void fill_normal(const Random&, std::uint64_t, double*, std::size_t) noexcept;

}  // namespace carousel::kernels
