// The vector operations that all kernels use on top of Highway, compiled once for each target. Everything
// here gives the same bits on every target: only exactly rounded operations, bit operations and comparisons.
#if defined(CAROUSEL_KERNELS_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_VECTOR_INL_H
#undef CAROUSEL_KERNELS_VECTOR_INL_H
#else
#define CAROUSEL_KERNELS_VECTOR_INL_H
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Tag<T>>;

// Compile-time lanes: tiles of vectors are arrays.
template <class T>
inline constexpr std::size_t kVectorLanes = HWY_LANES(T);

#if HWY_TARGET == HWY_SCALAR
// Highway's own would round twice.
template <class T>
HWY_INLINE hn::Vec1<T> mul_add(hn::Vec1<T> a, hn::Vec1<T> b, hn::Vec1<T> c) {
  return hn::Vec1<T>(std::fma(a.raw, b.raw, c.raw));
}
template <class T>
HWY_INLINE hn::Vec1<T> neg_mul_add(hn::Vec1<T> a, hn::Vec1<T> b, hn::Vec1<T> c) {
  return hn::Vec1<T>(std::fma(-a.raw, b.raw, c.raw));
}
#else
static_assert(HWY_NATIVE_FMA, "a target without fused multiply-add cannot give the same bits");
/// a * b + c, rounded once.
template <class V>
HWY_INLINE V mul_add(V a, V b, V c) {
  return hn::MulAdd(a, b, c);
}
/// c - a * b, rounded once.
template <class V>
HWY_INLINE V neg_mul_add(V a, V b, V c) {
  return hn::NegMulAdd(a, b, c);
}
#endif

/// Which NaN an operation makes of its operands differs between CPUs and between forms of one instruction;
/// so every NaN that a kernel stores is this one.
template <class T>
HWY_INLINE Vector<T> canonical(Vector<T> v) {
  const Tag<T> d;
  return hn::IfThenElse(hn::Eq(v, v), v, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

/// The first n < lanes elements, then zeros. Touches nothing behind them.
template <class T>
HWY_INLINE Vector<T> load_first(const T* p, std::size_t n) {
  const Tag<T> d;
#if HWY_CAP_GE256
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#else
  HWY_ALIGN T lanes[kVectorLanes<T>] = {};
  std::memcpy(lanes, p, n * sizeof(T));
  return hn::Load(d, lanes);
#endif
}

/// Stores the first n < lanes elements. Touches nothing behind them.
template <class T>
HWY_INLINE void store_first(Vector<T> v, T* p, std::size_t n) {
  const Tag<T> d;
#if HWY_CAP_GE256
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#else
  HWY_ALIGN T lanes[kVectorLanes<T>];
  hn::Store(v, d, lanes);
  std::memcpy(p, lanes, n * sizeof(T));
#endif
}

/// Where a loop over n elements stands: a whole vector at `begin`, or the last `count` < lanes elements.
/// Loops run the same code on both.
template <class T>
struct Piece {
  std::size_t begin, count;

  bool whole() const { return count == kVectorLanes<T>; }
  HWY_INLINE Vector<T> load(const T* p) const {
    const Tag<T> d;
    return HWY_LIKELY(whole()) ? hn::LoadU(d, p + begin) : load_first<T>(p + begin, count);
  }
  HWY_INLINE void store(Vector<T> v, T* p) const {
    const Tag<T> d;
    if (HWY_LIKELY(whole())) {
      hn::StoreU(v, d, p + begin);
    } else {
      store_first<T>(v, p + begin, count);
    }
  }
};

/// Calls body.run(piece) for all pieces of n elements.
template <class T, class Body>
HWY_INLINE void for_each_piece(std::size_t n, const Body& body) {
  std::size_t i = 0;
  for (; i + kVectorLanes<T> <= n; i += kVectorLanes<T>) body.run(Piece<T>{i, kVectorLanes<T>});
  if (i < n) body.run(Piece<T>{i, n - i});
}

/// Calls body.run(row, piece) for all pieces of the elements [begin, begin + n) of rows.
template <class T, class Body>
HWY_INLINE void for_pieces_of_rows(std::size_t row, std::size_t rows, std::size_t begin, std::size_t n,
                                   const Body& body) {
  const std::size_t end = begin + n;
  for (std::size_t r = row; r < row + rows; ++r)
    for (std::size_t at = begin; at < end; at += kVectorLanes<T>)
      body.run(r, Piece<T>{at, std::min(kVectorLanes<T>, end - at)});
}

/// A piece of one row of several.
template <class T>
struct RowPiece {
  std::size_t row;
  Piece<T> piece;
};

/// A body for groups of pieces, given one at a time.
template <class T, class Body>
struct OneByOne {
  Body body;

  HWY_INLINE void run(std::size_t row, const Piece<T>& piece) const { body.run({RowPiece<T>{row, piece}}); }
};

/// Calls body.run(pieces) for all pieces of the elements [begin, begin + n) of rows, two or three at a time:
/// chains of operations are long, and one alone would leave the CPU waiting. Worth an eighth of the time
/// where activations follow on each other; but it is the code of six bodies.
template <class T, class Body>
HWY_INLINE void for_groups_of_pieces(std::size_t row, std::size_t rows, std::size_t begin, std::size_t n,
                                     const Body& body) {
  const std::size_t end = begin + n;
  RowPiece<T> at{row, {begin, 0}};
  const auto take = [&]() HWY_ATTR {
    RowPiece<T> taken = at;
    taken.piece.count = std::min(kVectorLanes<T>, end - at.piece.begin);
    at.piece.begin += taken.piece.count;
    if (at.piece.begin == end) at = {at.row + 1, {begin, 0}};
    return taken;
  };
  std::size_t left = rows * ((n + kVectorLanes<T> - 1) / kVectorLanes<T>);
  for (; left > 3 || left == 2; left -= 2) body.run({take(), take()});
  if (left == 3) body.run({take(), take(), take()});
  if (left == 1) body.run({take()});
}

/// coefficients[0] + x * (coefficients[1] + x * ...), by FMAs from the highest.
template <class T, std::size_t N>
HWY_INLINE Vector<T> polynomial(Vector<T> x, const T (&coefficients)[N]) {
  const Tag<T> d;
  Vector<T> y = hn::Set(d, coefficients[N - 1]);
  for (std::size_t i = N - 1; i-- > 0;) y = mul_add(y, x, hn::Set(d, coefficients[i]));
  return y;
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
