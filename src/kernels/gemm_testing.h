// What the tests of matrix products share: operands of a product and its definition.
#pragma once

#include <algorithm>
#include <ostream>

#include "kernels/gemm.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {

struct Case {
  std::size_t m, n, k;
  Start start = Start::zero;
  bool a_transposed = false, b_transposed = false;
  WeightFormat format = WeightFormat::float32;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "m " << c.m << " n " << c.n << " k " << c.k << " start " << static_cast<int>(c.start)
             << (c.a_transposed ? " A transposed" : "") << (c.b_transposed ? " B transposed" : "");
}

template <class T>
struct Operands {
  Operands(const Case& of, std::uint64_t seed)
      : a(random_values<T>(of.m * of.k, seed)),
        b(random_values<T>(of.k * of.n, seed + 1)),
        bias(random_values<T>(of.n, seed + 2)),
        c(random_values<T>((of.m - 1) * stride(of) + of.n, seed + 3)) {}

  static std::size_t stride(const Case& of) { return of.n + 3; }
  LeftMatrix<T> left(const Case& of) const {
    return of.a_transposed ? LeftMatrix<T>{a.data(), 1, of.m} : LeftMatrix<T>{a.data(), of.k, 1};
  }
  T b_at(const Case& of, std::size_t k, std::size_t n) const {
    return of.b_transposed ? b[n * of.k + k] : b[k * of.n + n];
  }

  Guarded<T> a, b, bias, c;
};

/// The definition in gemm.h, word for word. Leaves the gaps between rows alone.
template <class T>
Guarded<T> by_definition(const Case& of, const Operands<T>& x) {
  Guarded<T> result(x.c);
  const LeftMatrix<T> a = x.left(of);
  for (std::size_t m = 0; m < of.m; ++m) {
    for (std::size_t n = 0; n < of.n; ++n) {
      T& c = result[m * x.stride(of) + n];
      if (of.start == Start::zero) c = 0;
      if (of.start == Start::bias) c = x.bias[n];
      for (std::size_t begin = 0; begin < of.k; begin += kBlockK) {
        T s = 0;
        for (std::size_t k = begin; k < std::min(of.k, begin + kBlockK); ++k) {
          s = std::fma(a.data[m * a.m_stride + k * a.k_stride], x.b_at(of, k, n), s);
        }
        c = c + s;
      }
    }
  }
  return result;
}

template <class T>
PackedMatrix<T> packed(const Case& of, const Operands<T>& x) {
  PackedMatrix<T> b;
  b.pack(x.b.data(), of.k, of.n, of.b_transposed ? 1 : of.n, of.b_transposed ? of.k : 1, 1, of.format);
  return b;
}

template <class T>
Guarded<T> by_kernel(const Case& of, const Operands<T>& x) {
  Guarded<T> result(x.c);
  gemm(of.m, x.left(of), packed(of, x), result.data(), x.stride(of), of.start, x.bias.data());
  return result;
}

}  // namespace carousel::kernels
