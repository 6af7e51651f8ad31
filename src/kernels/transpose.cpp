#include "kernels/transpose.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/transpose.cpp"
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Squares of 16 bytes are turned in registers.
template <class T>
using SquareTag = hn::CappedTag<T, 16 / sizeof(T)>;
template <class T>
inline constexpr std::size_t kSquare = HWY_MIN(16 / sizeof(T), HWY_LANES(T));

HWY_INLINE void turn_square(Rows<const double> from, Rows<double> to) {
  const SquareTag<double> d;
#if HWY_TARGET == HWY_SCALAR
  hn::StoreU(hn::LoadU(d, from.data), d, to.data);
#else
  const auto a = hn::LoadU(d, from.row(0)), b = hn::LoadU(d, from.row(1));
  hn::StoreU(hn::InterleaveLower(d, a, b), d, to.row(0));
  hn::StoreU(hn::InterleaveUpper(d, a, b), d, to.row(1));
#endif
}

HWY_INLINE void turn_square(Rows<const float> from, Rows<float> to) {
  const SquareTag<float> d;
#if HWY_TARGET == HWY_SCALAR
  hn::StoreU(hn::LoadU(d, from.data), d, to.data);
#else
  const auto r0 = hn::LoadU(d, from.row(0)), r1 = hn::LoadU(d, from.row(1)), r2 = hn::LoadU(d, from.row(2)),
             r3 = hn::LoadU(d, from.row(3));
  const auto even = hn::InterleaveLower(d, r0, r2), odd = hn::InterleaveLower(d, r1, r3);
  hn::StoreU(hn::InterleaveLower(d, even, odd), d, to.row(0));
  hn::StoreU(hn::InterleaveUpper(d, even, odd), d, to.row(1));
  const auto upper_even = hn::InterleaveUpper(d, r0, r2), upper_odd = hn::InterleaveUpper(d, r1, r3);
  hn::StoreU(hn::InterleaveLower(d, upper_even, upper_odd), d, to.row(2));
  hn::StoreU(hn::InterleaveUpper(d, upper_even, upper_odd), d, to.row(3));
#endif
}

/// A block of some lines of cache, so that a line of `to` is filled while it is near.
template <class T>
void turn_block(std::size_t rows, std::size_t columns, Rows<const T> from, Rows<T> to) {
  constexpr std::size_t side = kSquare<T>;
  const std::size_t whole_rows = rows / side * side, whole_columns = columns / side * side;
  for (std::size_t r = 0; r < whole_rows; r += side)
    for (std::size_t c = 0; c < whole_columns; c += side)
      turn_square({from.row(r) + c, from.stride}, {to.row(c) + r, to.stride});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c) to.row(c)[r] = from.row(r)[c];
}

template <class T>
void turn(std::size_t rows, std::size_t columns, Rows<const T> from, Rows<T> to) {
  constexpr std::size_t kBlock = 16;
  for (std::size_t r = 0; r < rows; r += kBlock)
    for (std::size_t c = 0; c < columns; c += kBlock)
      turn_block<T>(std::min(kBlock, rows - r), std::min(kBlock, columns - c), {from.row(r) + c, from.stride},
                    {to.row(c) + r, to.stride});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kTurn, turn);

template <class T>
void transpose(std::size_t rows, std::size_t columns, Rows<const T> from, Rows<T> to) noexcept {
  kTurn<T>[target_index()](rows, columns, from, to);
}
template void transpose(std::size_t, std::size_t, Rows<const float>, Rows<float>) noexcept;
template void transpose(std::size_t, std::size_t, Rows<const double>, Rows<double>) noexcept;

}  // namespace carousel::kernels
#endif
