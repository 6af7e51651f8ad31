// exp, log, tanh, sigmoid and its logarithm of one vector, compiled once for each target. Errors are stated
// in activations.h.
#if defined(CAROUSEL_KERNELS_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_MATH_INL_H
#undef CAROUSEL_KERNELS_MATH_INL_H
#else
#define CAROUSEL_KERNELS_MATH_INL_H
#endif

#include <bit>

#include "kernels/math_constants.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
using BitsTag = hn::RebindToUnsigned<Tag<T>>;
template <class T>
using BitsVector = hn::Vec<BitsTag<T>>;

/// e^x = (1 + tail) * 2^n with |tail| < 0.42. `power` is n + 2 (exponent_bias + 1), so never negative.
template <class T>
struct ExpParts {
  Vector<T> tail, n;
  BitsVector<T> power;
};

/// x within [exp_lowest, exp_highest]. Reduction in two parts of ln 2 after Cody and Waite, 1980.
template <class T>
HWY_INLINE ExpParts<T> exp_parts(Vector<T> x) {
  const Tag<T> d;
  using K = MathConstants<T>;
  using Bits = typename K::Bits;
  const BitsTag<T> bits;
  const auto magic = hn::Set(d, K::round_magic);
  const auto rounded = mul_add(x, hn::Set(d, K::log2_e), magic);
  const auto n = hn::Sub(rounded, magic);
  const auto r = neg_mul_add(n, hn::Set(d, K::ln2_low), neg_mul_add(n, hn::Set(d, K::ln2_high), x));
  const auto tail = mul_add(hn::Mul(r, r), polynomial<T>(r, K::exp_terms), r);
  constexpr Bits offset = std::bit_cast<Bits>(K::round_magic) - 2 * (K::exponent_bias + 1);
  return {tail, n, hn::Sub(hn::BitCast(bits, rounded), hn::Set(bits, offset))};
}

/// 2^(exponent - exponent_bias)
template <class T>
HWY_INLINE Vector<T> power_of_two(BitsVector<T> exponent) {
  const Tag<T> d;
  return hn::BitCast(d, hn::ShiftLeft<MathConstants<T>::mantissa_bits>(exponent));
}

/// 2^n, where that is a normal number.
template <class T>
HWY_INLINE Vector<T> power(const ExpParts<T>& parts) {
  const BitsTag<T> bits;
  return power_of_two<T>(hn::Sub(parts.power, hn::Set(bits, MathConstants<T>::exponent_bias + 2)));
}

/// (1 + tail) * 2^n, rounded once, down to the smallest subnormal.
#if HWY_TARGET <= HWY_AVX3
template <class T>
HWY_INLINE Vector<T> exp_from(const ExpParts<T>& parts) {
  const auto fraction = hn::Add(hn::Set(Tag<T>(), T{1}), parts.tail);
  if constexpr (sizeof(T) == sizeof(float)) {
    return Vector<T>{_mm512_scalef_ps(fraction.raw, parts.n.raw)};
  } else {
    return Vector<T>{_mm512_scalef_pd(fraction.raw, parts.n.raw)};
  }
}
#else
template <class T>
HWY_INLINE Vector<T> exp_from(const ExpParts<T>& parts) {
  // The power is applied in two halves, so only the last product rounds.
  const BitsTag<T> bits;
  const auto one = hn::Set(bits, 1);
  const auto fraction = hn::Add(hn::Set(Tag<T>(), T{1}), parts.tail);
  const auto half = hn::ShiftRight<1>(parts.power);
  const auto first = power_of_two<T>(hn::Sub(half, one));
  const auto second = power_of_two<T>(hn::Sub(hn::Sub(parts.power, half), one));
  return hn::Mul(hn::Mul(fraction, first), second);
}
#endif

template <class T>
HWY_INLINE Vector<T> lane_exp(Vector<T> x) {
  const Tag<T> d;
  using K = MathConstants<T>;
  const auto bounded = hn::Min(hn::Max(x, hn::Set(d, K::exp_lowest)), hn::Set(d, K::exp_highest));
  const auto y = exp_from<T>(exp_parts<T>(bounded));
  return hn::IfThenElse(hn::Eq(x, x), y, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

/// numerator / (1 + z) for 0 <= z <= 1, as if 1 + z were not rounded; the quotient must lie between half the
/// numerator and the numerator, so that their difference is exact. By Newton's iteration, which on vectors
/// costs less than half of a division.
template <class T>
HWY_INLINE Vector<T> over_one_plus(Vector<T> numerator, Vector<T> z) {
  const auto one = hn::Set(Tag<T>(), T{1});
  auto reciprocal = polynomial<T>(z, MathConstants<T>::reciprocal_terms);
  for (int step = 0; step < MathConstants<T>::newton_steps; ++step) {
    const auto error = neg_mul_add(z, reciprocal, hn::Sub(one, reciprocal));
    reciprocal = mul_add(reciprocal, error, reciprocal);
  }
  const auto quotient = hn::Mul(numerator, reciprocal);
  const auto remainder = neg_mul_add(z, quotient, hn::Sub(numerator, quotient));
  return mul_add(remainder, reciprocal, quotient);
}

/// The logistic function is numerator / (1 + z), but for NaN.
template <class T>
struct SigmoidParts {
  Vector<T> numerator, z;
};

/// From z = e^-|x|, which cannot overflow: 1 / (1 + z), or z / (1 + z) for x < 0.
template <class T>
HWY_INLINE SigmoidParts<T> sigmoid_parts(Vector<T> x) {
  const Tag<T> d;
  const auto bounded = hn::Max(hn::Neg(hn::Abs(x)), hn::Set(d, MathConstants<T>::exp_lowest));
  const auto z = exp_from<T>(exp_parts<T>(bounded));
  return {hn::IfThenElse(hn::Lt(x, hn::Zero(d)), z, hn::Set(d, T{1})), z};
}

template <class T>
HWY_INLINE Vector<T> sigmoid_from(const SigmoidParts<T>& parts, Vector<T> x) {
  const auto y = over_one_plus<T>(parts.numerator, parts.z);
  return hn::IfThenElse(hn::Eq(x, x), y, hn::Set(Tag<T>(), std::numeric_limits<T>::quiet_NaN()));
}

template <class T>
HWY_INLINE Vector<T> lane_sigmoid(Vector<T> x) {
  return sigmoid_from<T>(sigmoid_parts<T>(x), x);
}

/// With z = e^-2|x| = 2^n (1 + tail): (1 - z) / (1 + z). The numerator is (1 - 2^n) - 2^n tail, exact but for
/// one rounding, so nothing cancels near 0.
template <class T>
HWY_INLINE Vector<T> lane_tanh(Vector<T> x) {
  const Tag<T> d;
  const auto minus = hn::Neg(hn::Abs(x));
  const auto exponent = hn::Max(hn::Add(minus, minus), hn::Set(d, static_cast<T>(kTanhExponentEnd)));
  const ExpParts<T> parts = exp_parts<T>(exponent);
  const auto scale = power<T>(parts);
  const auto z = mul_add(scale, parts.tail, scale);
  const auto numerator = neg_mul_add(scale, parts.tail, hn::Sub(hn::Set(d, T{1}), scale));
  const auto y = hn::CopySign(over_one_plus<T>(numerator, z), x);
  return hn::IfThenElse(hn::Eq(x, x), y, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

/// Slopes of sigmoid and tanh, from their values.
template <class V>
HWY_INLINE V sigmoid_slope(V y) {
  return neg_mul_add(y, y, y);
}
template <class T>
HWY_INLINE Vector<T> tanh_slope(Vector<T> y) {
  return neg_mul_add(y, y, hn::Set(Tag<T>(), T{1}));
}

/// x = 2^e m with sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f): log(m) = 2 atanh(s), summed so that
/// f, which is exact, is added last but one. NaN below 0, -inf at 0.
template <class T>
HWY_INLINE Vector<T> lane_log(Vector<T> x) {
  const Tag<T> d;
  using K = MathConstants<T>;
  using Bits = typename K::Bits;
  const BitsTag<T> bits;
  constexpr Bits half_bits = std::bit_cast<Bits>(K::sqrt_half);
  constexpr Bits mantissa_mask = (Bits{1} << K::mantissa_bits) - 1;
  constexpr Bits bias = K::exponent_bias + 1;

  const auto subnormal = hn::Lt(x, hn::Set(d, K::smallest_normal));
  const auto scaled = hn::IfThenElse(subnormal, hn::Mul(x, hn::Set(d, K::two_to_mantissa_bits)), x);
  const auto shifted = hn::Add(hn::BitCast(bits, scaled),
                               hn::Set(bits, static_cast<Bits>((bias << K::mantissa_bits) - half_bits)));
  const auto m =
      hn::BitCast(d, hn::Add(hn::And(shifted, hn::Set(bits, mantissa_mask)), hn::Set(bits, half_bits)));
  // An integer below 2^mantissa_bits becomes a float through the bits of 2^mantissa_bits.
  const auto exponent_bits = hn::Or(hn::ShiftRight<K::mantissa_bits>(shifted),
                                    hn::Set(bits, std::bit_cast<Bits>(K::two_to_mantissa_bits)));
  const auto offset =
      hn::IfThenElse(subnormal, hn::Set(d, K::two_to_mantissa_bits + static_cast<T>(bias + K::mantissa_bits)),
                     hn::Set(d, K::two_to_mantissa_bits + static_cast<T>(bias)));
  const auto e = hn::Sub(hn::BitCast(d, exponent_bits), offset);

  const auto f = hn::Sub(m, hn::Set(d, T{1}));
  const auto s = hn::Div(f, hn::Add(f, hn::Set(d, T{2})));
  const auto z = hn::Mul(s, s);
  const auto terms = hn::Mul(z, polynomial<T>(z, K::log_terms));
  const auto half_square = hn::Mul(hn::Mul(f, f), hn::Set(d, T{0.5}));
  const auto low = mul_add(s, hn::Add(half_square, terms), hn::Mul(e, hn::Set(d, K::log_ln2_low)));
  const auto y = mul_add(e, hn::Set(d, K::log_ln2_high), hn::Sub(f, hn::Sub(half_square, low)));

  constexpr T infinity = std::numeric_limits<T>::infinity();
  const auto zero = hn::Zero(d);
  const auto finite = hn::IfThenElse(hn::Eq(x, hn::Set(d, infinity)), x, y);
  const auto checked = hn::IfThenElse(hn::Eq(x, zero), hn::Set(d, -infinity), finite);
  return hn::IfThenElse(hn::Ge(x, zero), checked, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

/// log(sigmoid(x)), given y = sigmoid(x). Far below 0 the logistic function is e^x, of which float and double
/// run out long before its logarithm, x.
template <class T>
HWY_INLINE Vector<T> lane_log_sigmoid(Vector<T> x, Vector<T> y) {
  return hn::IfThenElse(hn::Lt(x, hn::Set(Tag<T>(), T{-40})), x, lane_log<T>(y));
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
