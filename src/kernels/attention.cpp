#include "kernels/attention.h"

#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct WeightedRows {
  const T *weights, *x;
  std::size_t rows, stride;
  T* out;
  HWY_INLINE void run(Piece<T> columns) const {
    const Tag<T> d;
    auto total = columns.load(out);
    for (std::size_t begin = 0; begin < rows; begin += kBlockK) {
      const std::size_t end = std::min(rows, begin + kBlockK);
      auto sum = hn::Zero(d);
      for (std::size_t r = begin; r < end; ++r)
        sum = mul_add(hn::Set(d, weights[r]), columns.load(x + r * stride), sum);
      total = hn::Add(total, sum);
    }
    columns.store(canonical<T>(total), out);
  }
};
template <class T>
void weighted_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, std::size_t stride,
                   T* out) {
  for_each_piece<T>(n, WeightedRows<T>{weights, x, rows, stride, out});
}

template <class T>
struct ToRow {
  T weight;
  const T* x;
  T* out;
  HWY_INLINE void run(Piece<T> at) const {
    at.store(canonical<T>(mul_add(hn::Set(Tag<T>(), weight), at.load(x), at.load(out))), out);
  }
};
template <class T>
void to_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, T* out, std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r) for_each_piece<T>(n, ToRow<T>{weights[r], x, out + r * stride});
}

template <class T>
struct TanhOfSum {
  const T *a, *b;
  T* out;
  HWY_INLINE void run(Piece<T> at) const {
    at.store(canonical<T>(lane_tanh<T>(hn::Add(at.load(a), at.load(b)))), out);
  }
};
template <class T>
void tanhs_of_sums(const T* a, const T* b, T* out, std::size_t n) {
  for_each_piece<T>(n, TanhOfSum<T>{a, b, out});
}

template <class T>
struct TanhOfSumGradient {
  T de;
  const T *v, *u;
  T *dv, *da, *db;
  HWY_INLINE void run(Piece<T> at) const {
    const Tag<T> d;
    const auto scale = hn::Set(d, de), y = at.load(u);
    at.store(canonical<T>(mul_add(scale, y, at.load(dv))), dv);
    const auto dsum = hn::Mul(hn::Mul(scale, at.load(v)), neg_mul_add(y, y, hn::Set(d, T(1))));
    at.store(canonical<T>(hn::Add(at.load(da), dsum)), da);
    at.store(canonical<T>(hn::Add(at.load(db), dsum)), db);
  }
};
template <class T>
void tanhs_of_sums_gradient(T de, const T* v, const T* u, std::size_t n, T* dv, T* da, T* db) {
  for_each_piece<T>(n, TanhOfSumGradient<T>{de, v, u, dv, da, db});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kWeightedRows, weighted_rows);
CAROUSEL_KERNEL_TABLE(kToRows, to_rows);
CAROUSEL_KERNEL_TABLE(kTanhsOfSums, tanhs_of_sums);
CAROUSEL_KERNEL_TABLE(kTanhsOfSumsGradient, tanhs_of_sums_gradient);

template <class T>
void add_weighted_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, std::size_t stride,
                       T* out) noexcept {
  kWeightedRows<T>[target_index()](weights, x, rows, n, stride, out);
}
template <class T>
void add_to_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, T* out,
                 std::size_t stride) noexcept {
  kToRows<T>[target_index()](weights, x, rows, n, out, stride);
}
template <class T>
void tanh_of_sum(const T* a, const T* b, T* out, std::size_t n) noexcept {
  kTanhsOfSums<T>[target_index()](a, b, out, n);
}
template <class T>
void tanh_of_sum_gradient(T de, const T* v, const T* u, std::size_t n, T* dv, T* da, T* db) noexcept {
  kTanhsOfSumsGradient<T>[target_index()](de, v, u, n, dv, da, db);
}

template void add_weighted_rows(const float*, const float*, std::size_t, std::size_t, std::size_t,
                                float*) noexcept;
template void add_weighted_rows(const double*, const double*, std::size_t, std::size_t, std::size_t,
                                double*) noexcept;
template void add_to_rows(const float*, const float*, std::size_t, std::size_t, float*, std::size_t) noexcept;
template void add_to_rows(const double*, const double*, std::size_t, std::size_t, double*,
                          std::size_t) noexcept;
template void tanh_of_sum(const float*, const float*, float*, std::size_t) noexcept;
template void tanh_of_sum(const double*, const double*, double*, std::size_t) noexcept;
template void tanh_of_sum_gradient(float, const float*, const float*, std::size_t, float*, float*,
                                   float*) noexcept;
template void tanh_of_sum_gradient(double, const double*, const double*, std::size_t, double*, double*,
                                   double*) noexcept;

}  // namespace carousel::kernels
#endif
