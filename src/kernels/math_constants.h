// Constants of the transcendental functions, for float and double. The polynomials are minimax fits
// (tools/fit_polynomials.py prints them); the number behind each is the largest error of the fit before its
// coefficients are rounded.
#pragma once

#include <cstdint>

namespace carousel::kernels {

template <class T>
struct MathConstants;

template <>
struct MathConstants<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr Bits exponent_bias = 127;
  // p(z) with 1 - (1 + z) p(z) = T3(2z - 1) / T3(-3), T3 Chebyshev's polynomial and T3(-3) = -99: of all
  // quadratics the best 1 / (1 + z) on [0, 1], relative error 1 / 99.
  static constexpr float reciprocal_terms[] = {98.0f / 99, -80.0f / 99, 32.0f / 99};
  // Each squares the relative error; so does the last correction of the quotient.
  static constexpr int newton_steps = 1;

  // e^x is 0 below and inf above.
  static constexpr float exp_lowest = -104.0f, exp_highest = 89.0f;
  static constexpr float log2_e = 0x1.715476p+0f;
  static constexpr float ln2_high = 0x1.62e43p-1f, ln2_low = -0x1.05c61p-29f;
  // 1.5 * 2^mantissa_bits: adding it rounds to an integer and leaves that integer in the low bits.
  static constexpr float round_magic = 0x1.8p23f;
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2; 2^-28.3
  static constexpr float exp_terms[] = {0x1.fffffcp-2f, 0x1.55549p-3f, 0x1.5558f4p-5f, 0x1.123a6ap-7f,
                                        0x1.6a2368p-10f};

  // ln 2 again, with so few bits in the high part that its product with an exponent is exact.
  static constexpr float log_ln2_high = 0x1.62e4p-1f, log_ln2_low = 0x1.7f7d1cp-20f;
  static constexpr float sqrt_half = 0x1.6a09e6p-1f;
  static constexpr float smallest_normal = 0x1p-126f;
  static constexpr float two_to_mantissa_bits = 0x1p23f;
  // (2 atanh(s) / s - 2) / s^2 in s^2, for |s| <= (sqrt(2) - 1) / (sqrt(2) + 1); 2^-37.6
  static constexpr float log_terms[] = {0x1.555554p-1f, 0x1.999a7cp-2f, 0x1.2438a8p-2f, 0x1.e2fdd4p-3f};
};

template <>
struct MathConstants<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr Bits exponent_bias = 1023;
  // The cubic, likewise: T4(-3) = 577.
  static constexpr double reciprocal_terms[] = {576.0 / 577, -544.0 / 577, 384.0 / 577, -128.0 / 577};
  static constexpr int newton_steps = 2;

  static constexpr double exp_lowest = -746.0, exp_highest = 710.0;
  static constexpr double log2_e = 0x1.71547652b82fep+0;
  static constexpr double ln2_high = 0x1.62e42fefa39efp-1, ln2_low = 0x1.abc9e3b39803fp-56;
  static constexpr double round_magic = 0x1.8p52;
  // 2^-57.9
  static constexpr double exp_terms[] = {0x1.000000000000ap-1,  0x1.55555555554f9p-3,  0x1.55555555507f1p-5,
                                         0x1.1111111127eb9p-7,  0x1.6c16c1844af6dp-10, 0x1.a01a0129a2825p-13,
                                         0x1.a01999adcca9ep-16, 0x1.71df26530bb6fp-19, 0x1.28adce84f3e12p-22,
                                         0x1.ad7ec7a9ed355p-26};

  static constexpr double log_ln2_high = 0x1.62e42fefa4p-1, log_ln2_low = -0x1.8432a1b0e2634p-43;
  static constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
  static constexpr double smallest_normal = 0x1p-1022;
  static constexpr double two_to_mantissa_bits = 0x1p52;
  // 2^-59.5
  static constexpr double log_terms[] = {0x1.5555555555593p-1, 0x1.999999997fb2dp-2, 0x1.2492494217d16p-2,
                                         0x1.c71c51e7d6fcbp-3, 0x1.7466463275675p-3, 0x1.39a0f473b887bp-3,
                                         0x1.2f0d9409b31d3p-3};
};

/// tanh is 1 long before; keeps e^-2|x| a normal number.
inline constexpr double kTanhExponentEnd = -80.0;

}  // namespace carousel::kernels
