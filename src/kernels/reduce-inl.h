// Horizontal sums by the fixed tree of reductions.h, compiled once for each target.
#if defined(CAROUSEL_KERNELS_REDUCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_REDUCE_INL_H
#undef CAROUSEL_KERNELS_REDUCE_INL_H
#else
#define CAROUSEL_KERNELS_REDUCE_INL_H
#endif

#include "kernels/reductions.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct Plus {
  static constexpr T start = 0;
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    return hn::Add(a, b);
  }
  static T join(T a, T b) { return a + b; }
};

/// A NaN, once met, stays; among equals, zeros of both signs too, the first stays.
template <class T>
struct Larger {
  static constexpr T start = -std::numeric_limits<T>::infinity();
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    // Eq, not Ne: on some targets Highway's Ne is false for NaN.
    return hn::IfThenElse(hn::Eq(b, b), hn::IfThenElse(hn::Gt(b, a), b, a), b);
  }
  static T join(T a, T b) { return b > a || b != b ? b : a; }
};

/// What is summed: the elements, or products of two rows.
template <class T>
struct Elements {
  const T* x;
  template <class Join>
  HWY_INLINE Vector<T> add(Vector<T> sum, std::size_t i) const {
    return Join::join(sum, hn::LoadU(Tag<T>(), x + i));
  }
  template <class Join>
  T add_one(T sum, std::size_t i) const {
    return Join::join(sum, x[i]);
  }
};
template <class T>
struct Products {
  const T *x, *y;
  template <class Join>
  HWY_INLINE Vector<T> add(Vector<T> sum, std::size_t i) const {
    const Tag<T> d;
    return mul_add(hn::LoadU(d, x + i), hn::LoadU(d, y + i), sum);
  }
  template <class Join>
  T add_one(T sum, std::size_t i) const {
    return std::fma(x[i], y[i], sum);
  }
};

/// Lanes of a vector joined in halves, in registers.
template <class Join, class D>
HWY_INLINE hn::TFromD<D> join_lanes([[maybe_unused]] D d, hn::Vec<D> v) {
#if HWY_TARGET == HWY_SCALAR
  return hn::GetLane(v);
#else
  if constexpr (hn::MaxLanes(d) * sizeof(hn::TFromD<D>) > 16) {
    const hn::Half<D> half;
    return join_lanes<Join>(half, Join::join(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  } else if constexpr (hn::MaxLanes(d) == 4) {
    const auto pairs = Join::join(v, hn::Shuffle1032(v));
    return hn::GetLane(Join::join(pairs, hn::Shuffle2301(pairs)));
  } else {
    return hn::GetLane(Join::join(v, hn::Shuffle01(v)));
  }
#endif
}

/// The fixed tree of reductions.h.
template <class Join, class T, class Terms>
HWY_INLINE T reduce(std::size_t n, const Terms& terms) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>, vectors = kLanes / width;
  static_assert(kLanes % width == 0);
  Vector<T> sums[vectors];
  for (auto& sum : sums) sum = hn::Set(d, Join::start);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t v = 0; v < vectors; ++v) {
      sums[v] = terms.template add<Join>(sums[v], i + v * width);
    }
  }
  if (i < n) {
    alignas(64) T lanes[kLanes];
    for (std::size_t v = 0; v < vectors; ++v) hn::Store(sums[v], d, lanes + v * width);
    for (std::size_t lane = 0; i + lane < n; ++lane)
      lanes[lane] = terms.template add_one<Join>(lanes[lane], i + lane);
    for (std::size_t v = 0; v < vectors; ++v) sums[v] = hn::Load(d, lanes + v * width);
  }
  for (std::size_t half = vectors / 2; half > 0; half /= 2)
    for (std::size_t v = 0; v < half; ++v) sums[v] = Join::join(sums[v], sums[v + half]);
  const T joined = join_lanes<Join>(d, sums[0]);
  return joined == joined ? joined : std::numeric_limits<T>::quiet_NaN();
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
