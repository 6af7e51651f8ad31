#include "kernels/normal.h"

#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/random_bits.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normal.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Numerator and denominator of PPND7's rational functions, from the highest power down.
template <std::size_t N>
HWY_INLINE Vector<double> descending(Vector<double> r, const double (&coefficients)[N]) {
  const Tag<double> d;
  auto y = hn::Set(d, coefficients[0]);
  for (std::size_t i = 1; i < N; ++i) y = hn::Add(hn::Mul(y, r), hn::Set(d, coefficients[i]));
  return y;
}

/// 0.075 <= p <= 0.925, with q = p - 1/2.
HWY_INLINE Vector<double> central(Vector<double> q) {
  const auto r = hn::Sub(hn::Set(Tag<double>(), 0.180625), hn::Mul(q, q));
  const auto above = descending(r, {5.9109374720e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179});
  const auto below = descending(r, {6.7187563600e1, 7.8757757664e1, 1.7895169469e1, 1.0});
  return hn::Div(hn::Mul(q, above), below);
}

/// The rest, with p the smaller of both tails: at least 2^-33, so that the square root is below 5, where
/// PPND7 would go on with a third pair.
HWY_INLINE Vector<double> outer(Vector<double> p) {
  const auto root = hn::Sqrt(hn::Neg(lane_log<double>(p)));
  const auto r = hn::Sub(root, hn::Set(Tag<double>(), 1.6));
  const auto above = descending(r, {1.7023821103e-1, 1.3067284816, 2.7568153900, 1.4234372777});
  return hn::Div(above, descending(r, {1.2021132975e-1, 7.3700164250e-1, 1.0}));
}

/// A number below 2^32 becomes a double through the bits of 2^52.
HWY_INLINE Vector<double> to_double(hn::Vec<hn::Rebind<std::uint32_t, Tag<double>>> words) {
  const Tag<double> d;
  const hn::RebindToUnsigned<Tag<double>> wide;
  const auto two_to_52 = hn::Set(d, 0x1p52);
  return hn::Sub(hn::BitCast(d, hn::Or(hn::PromoteTo(wide, words), hn::BitCast(wide, two_to_52))), two_to_52);
}

/// T: double. out[n] of words[n], n a multiple of the lanes.
template <class T>
void quantiles(const std::uint32_t* words, std::size_t n, T* out) {
  const Tag<T> d;
  const hn::Rebind<std::uint32_t, Tag<T>> narrow;
  const auto half = hn::Set(d, 0.5), zero = hn::Zero(d);
  for (std::size_t j = 0; j < n; j += kVectorLanes<T>) {
    const auto p = hn::Mul(hn::Add(to_double(hn::LoadU(narrow, words + j)), half), hn::Set(d, 0x1p-32));
    const auto q = hn::Sub(p, half);
    const auto low = hn::Lt(q, zero);
    const auto tail = outer(hn::IfThenElse(low, p, hn::Sub(hn::Set(d, 1.0), p)));
    const auto side = hn::IfThenElse(low, hn::Neg(tail), tail);
    const auto middle = hn::Le(hn::Abs(q), hn::Set(d, 0.425));
    hn::StoreU(hn::IfThenElse(middle, central(q), side), d, out + j);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kQuantiles, quantiles);

template <class T>
void fill_normal(const Random& random, std::uint64_t first, T* out, std::size_t n) noexcept {
  constexpr std::size_t kAtOnce = 256, kWhole = 16;  // numbers; as many are whole vectors on every target
  std::uint32_t words[kAtOnce];
  double made[kAtOnce];
  for (std::size_t j = 0; j < n;) {
    const std::uint64_t index = first + j;
    const std::size_t skipped = index % 4, taken = std::min(kAtOnce - skipped, n - j),
                      blocks = (skipped + taken + 3) / 4, whole = (4 * blocks + kWhole - 1) / kWhole * kWhole;
    random_blocks(random, index / 4, blocks, words);
    std::fill(words + 4 * blocks, words + whole, 0);
    kQuantiles<double>[target_index()](words, whole, made);
    for (std::size_t k = 0; k < taken; ++k) out[j + k] = static_cast<T>(made[skipped + k]);
    j += taken;
  }
}

template void fill_normal(const Random&, std::uint64_t, float*, std::size_t) noexcept;
template void fill_normal(const Random&, std::uint64_t, double*, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
