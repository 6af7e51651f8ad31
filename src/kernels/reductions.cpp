#include "kernels/reductions.h"

#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reductions.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"
#include "kernels/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// exp(x - maximum)
template <class T>
struct Exponentials {
  const T* x;
  T maximum;
  template <class Join>
  HWY_INLINE Vector<T> add(Vector<T> sum, std::size_t i) const {
    const Tag<T> d;
    return Join::join(sum, lane_exp<T>(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, maximum))));
  }
  template <class Join>
  T add_one(T sum, std::size_t i) const {
    return Join::join(sum, hn::GetLane(lane_exp<T>(hn::Set(Tag<T>(), x[i] - maximum))));
  }
};

template <class T>
T row_sum(const T* x, std::size_t n) {
  return reduce<Plus<T>, T>(n, Elements<T>{x});
}
template <class T>
T row_dot(const T* x, const T* y, std::size_t n) {
  return reduce<Plus<T>, T>(n, Products<T>{x, y});
}
template <class T>
T row_maximum(const T* x, std::size_t n) {
  return reduce<Larger<T>, T>(n, Elements<T>{x});
}

template <class T>
struct ColumnSums {
  const T* x;
  std::size_t rows, stride;
  T* out;
  HWY_INLINE void run(Piece<T> columns) const {
    const Tag<T> d;
    auto total = columns.load(out);
    for (std::size_t begin = 0; begin < rows; begin += kBlockK) {
      const std::size_t end = std::min(rows, begin + kBlockK);
      auto sum = hn::Zero(d);
      for (std::size_t r = begin; r < end; ++r) sum = hn::Add(sum, columns.load(x + r * stride));
      total = hn::Add(total, sum);
    }
    columns.store(canonical<T>(total), out);
  }
};
template <class T>
void column_sums(const T* x, std::size_t rows, std::size_t n, std::size_t stride, T* out) {
  for_each_piece<T>(n, ColumnSums<T>{x, rows, stride, out});
}

template <class T>
struct ColumnProducts {
  const T *x, *y;
  std::size_t rows, x_stride, y_stride;
  T* out;
  HWY_INLINE void run(Piece<T> columns) const {
    auto total = columns.load(out);
    for (std::size_t begin = 0; begin < rows; begin += kBlockK) {
      const std::size_t end = std::min(rows, begin + kBlockK);
      auto sum = hn::Zero(Tag<T>());
      for (std::size_t r = begin; r < end; ++r)
        sum = mul_add(columns.load(x + r * x_stride), columns.load(y + r * y_stride), sum);
      total = hn::Add(total, sum);
    }
    columns.store(canonical<T>(total), out);
  }
};
template <class T>
void column_products(const T* x, std::size_t x_stride, const T* y, std::size_t y_stride, std::size_t rows,
                     std::size_t n, T* out) {
  for_each_piece<T>(n, ColumnProducts<T>{x, y, rows, x_stride, y_stride, out});
}

template <class T>
struct AddRow {
  T* x;
  const T* y;
  HWY_INLINE void run(Piece<T> at) const { at.store(canonical<T>(hn::Add(at.load(x), at.load(y))), x); }
};
template <class T>
void bias_rows(T* x, std::size_t rows, std::size_t n, std::size_t stride, const T* bias) {
  for (std::size_t r = 0; r < rows; ++r) for_each_piece<T>(n, AddRow<T>{x + r * stride, bias});
}

template <class T>
struct ExpOfDifference {
  const T* x;
  T maximum;
  T* out;
  HWY_INLINE void run(Piece<T> at) const {
    const Tag<T> d;
    at.store(lane_exp<T>(hn::Sub(at.load(x), hn::Set(d, maximum))), out);
  }
};
template <class T>
struct DivideBy {
  T divisor;
  T* x;
  HWY_INLINE void run(Piece<T> at) const {
    const Tag<T> d;
    at.store(canonical<T>(hn::Div(at.load(x), hn::Set(d, divisor))), x);
  }
};
template <class T>
void softmax_rows(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r, x += stride, out += stride) {
    for_each_piece<T>(n, ExpOfDifference<T>{x, row_maximum(x, n), out});
    for_each_piece<T>(n, DivideBy<T>{row_sum(out, n), out});
  }
}

template <class T>
struct LessBoth {
  const T* x;
  T maximum, log_sum;
  T* out;
  HWY_INLINE void run(Piece<T> at) const {
    const Tag<T> d;
    const auto shifted = hn::Sub(at.load(x), hn::Set(d, maximum));
    at.store(canonical<T>(hn::Sub(shifted, hn::Set(d, log_sum))), out);
  }
};
template <class T>
void log_softmax_rows(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r, x += stride, out += stride) {
    const T largest = row_maximum(x, n);
    const T sum = reduce<Plus<T>, T>(n, Exponentials<T>{x, largest});
    const T log_sum = hn::GetLane(lane_log<T>(hn::Set(Tag<T>(), sum)));
    for_each_piece<T>(n, LessBoth<T>{x, largest, log_sum, out});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kSum, row_sum);
CAROUSEL_KERNEL_TABLE(kDot, row_dot);
CAROUSEL_KERNEL_TABLE(kMaximum, row_maximum);
CAROUSEL_KERNEL_TABLE(kColumnSums, column_sums);
CAROUSEL_KERNEL_TABLE(kColumnProducts, column_products);
CAROUSEL_KERNEL_TABLE(kBiasRows, bias_rows);
CAROUSEL_KERNEL_TABLE(kSoftmaxRows, softmax_rows);
CAROUSEL_KERNEL_TABLE(kLogSoftmaxRows, log_softmax_rows);

template <class T>
T sum(const T* x, std::size_t n) noexcept {
  return kSum<T>[target_index()](x, n);
}
template <class T>
T sum_of_squares(const T* x, std::size_t n) noexcept {
  return kDot<T>[target_index()](x, x, n);
}
template <class T>
T dot(const T* x, const T* y, std::size_t n) noexcept {
  return kDot<T>[target_index()](x, y, n);
}
template <class T>
T maximum(const T* x, std::size_t n) noexcept {
  return kMaximum<T>[target_index()](x, n);
}
template <class T>
void add_column_sums(const T* x, std::size_t rows, std::size_t n, std::size_t stride, T* out) noexcept {
  kColumnSums<T>[target_index()](x, rows, n, stride, out);
}
template <class T>
void add_column_products(const T* x, std::size_t x_stride, const T* y, std::size_t y_stride, std::size_t rows,
                         std::size_t n, T* out) noexcept {
  kColumnProducts<T>[target_index()](x, x_stride, y, y_stride, rows, n, out);
}
template <class T>
void add_bias(T* x, std::size_t rows, std::size_t n, std::size_t stride, const T* bias) noexcept {
  kBiasRows<T>[target_index()](x, rows, n, stride, bias);
}
template <class T>
void softmax(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) noexcept {
  kSoftmaxRows<T>[target_index()](x, out, rows, n, stride);
}
template <class T>
void log_softmax(const T* x, T* out, std::size_t rows, std::size_t n, std::size_t stride) noexcept {
  kLogSoftmaxRows<T>[target_index()](x, out, rows, n, stride);
}

template float sum(const float*, std::size_t) noexcept;
template double sum(const double*, std::size_t) noexcept;
template float sum_of_squares(const float*, std::size_t) noexcept;
template double sum_of_squares(const double*, std::size_t) noexcept;
template float dot(const float*, const float*, std::size_t) noexcept;
template double dot(const double*, const double*, std::size_t) noexcept;
template float maximum(const float*, std::size_t) noexcept;
template double maximum(const double*, std::size_t) noexcept;
template void add_column_sums(const float*, std::size_t, std::size_t, std::size_t, float*) noexcept;
template void add_column_sums(const double*, std::size_t, std::size_t, std::size_t, double*) noexcept;
template void add_column_products(const float*, std::size_t, const float*, std::size_t, std::size_t,
                                  std::size_t, float*) noexcept;
template void add_column_products(const double*, std::size_t, const double*, std::size_t, std::size_t,
                                  std::size_t, double*) noexcept;
template void add_bias(float*, std::size_t, std::size_t, std::size_t, const float*) noexcept;
template void add_bias(double*, std::size_t, std::size_t, std::size_t, const double*) noexcept;
template void softmax(const float*, float*, std::size_t, std::size_t, std::size_t) noexcept;
template void softmax(const double*, double*, std::size_t, std::size_t, std::size_t) noexcept;
template void log_softmax(const float*, float*, std::size_t, std::size_t, std::size_t) noexcept;
template void log_softmax(const double*, double*, std::size_t, std::size_t, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
