#include "kernels/activations.h"

#include <algorithm>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

template <class T>
using Function = void (*)(const T*, T*, std::size_t);

/// A function and its value in a wider type, from the C library.
template <class T, class Wide>
struct Activation {
  const char* name;
  Function<T> function;
  Wide (*exact)(Wide);
};

template <class Wide>
Wide exact_exp(Wide x) {
  return std::exp(x);
}
template <class Wide>
Wide exact_log(Wide x) {
  return std::log(x);
}
template <class Wide>
Wide exact_tanh(Wide x) {
  return std::tanh(x);
}
template <class Wide>
Wide exact_sigmoid(Wide x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

template <class T, class Wide>
std::vector<Activation<T, Wide>> activations() {
  return {{"exp", exp<T>, exact_exp<Wide>},
          {"log", log<T>, exact_log<Wide>},
          {"tanh", tanh<T>, exact_tanh<Wide>},
          {"sigmoid", sigmoid<T>, exact_sigmoid<Wide>}};
}

template <class T>
T one(Function<T> function, T x) {
  function(&x, &x, 1);
  return x;
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, ActivationsGiveTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  Guarded<T> values = random_values<T>(400, 1, 12);
  const std::vector<T> special = special_values<T>();
  std::copy(special.begin(), special.end(), values.begin() + 20);
  for (const auto& activation : activations<T, long double>()) {
    for (std::size_t n = 1; n <= 130; ++n) {
      for (const std::size_t first : {std::size_t{0}, std::size_t{13}, 400 - n}) {
        const Guarded<T> in(std::vector<T>(values.begin() + first, values.begin() + first + n));
        Guarded<T> expected(n), found(n), in_place(in);
        {
          const ForcedTarget scalar("SCALAR");
          activation.function(in.data(), expected.data(), n);
        }
        for (const std::string& target : available_targets()) {
          const ForcedTarget forced(target);
          activation.function(in.data(), found.data(), n);
          ASSERT_TRUE(same_bits(expected, found)) << activation.name << " " << target;
        }
        activation.function(in_place.data(), in_place.data(), n);
        ASSERT_TRUE(same_bits(expected, in_place)) << activation.name << " in place";
      }
    }
  }
}

TYPED_TEST(KernelTest, ActivationsAreExactWhereTheyMustBe) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    EXPECT_TRUE(same_bits(T{1}, one(exp<T>, T{0})));
    EXPECT_TRUE(same_bits(T{1}, one(exp<T>, -T{0})));
    EXPECT_TRUE(same_bits(T{0}, one(exp<T>, -infinity)));
    EXPECT_TRUE(same_bits(T{0}, one(exp<T>, T{-1000})));
    EXPECT_TRUE(same_bits(infinity, one(exp<T>, infinity)));
    EXPECT_TRUE(same_bits(infinity, one(exp<T>, T{1000})));

    EXPECT_TRUE(same_bits(T{0}, one(log<T>, T{1})));
    EXPECT_TRUE(same_bits(-infinity, one(log<T>, T{0})));
    EXPECT_TRUE(same_bits(-infinity, one(log<T>, -T{0})));
    EXPECT_TRUE(same_bits(infinity, one(log<T>, infinity)));
    EXPECT_TRUE(same_bits(nan, one(log<T>, T{-1})));
    EXPECT_TRUE(same_bits(nan, one(log<T>, -std::numeric_limits<T>::denorm_min())));

    EXPECT_TRUE(same_bits(T{0}, one(tanh<T>, T{0})));
    EXPECT_TRUE(same_bits(-T{0}, one(tanh<T>, -T{0})));
    EXPECT_TRUE(same_bits(T{1}, one(tanh<T>, infinity)));
    EXPECT_TRUE(same_bits(T{-1}, one(tanh<T>, T{-40})));
    const T tiny = std::numeric_limits<T>::denorm_min();
    EXPECT_TRUE(same_bits(tiny, one(tanh<T>, tiny)));

    EXPECT_TRUE(same_bits(T{0.5}, one(sigmoid<T>, T{0})));
    EXPECT_TRUE(same_bits(T{0.5}, one(sigmoid<T>, -T{0})));
    EXPECT_TRUE(same_bits(T{1}, one(sigmoid<T>, infinity)));
    EXPECT_TRUE(same_bits(T{0}, one(sigmoid<T>, -infinity)));
    for (const auto& activation : activations<T, long double>()) {
      EXPECT_TRUE(same_bits(nan, one(activation.function, nan))) << activation.name;
      EXPECT_TRUE(same_bits(nan, one(activation.function, -nan))) << activation.name;
    }
  }
}

/// Every 4099th of all floats; kernels_sweep measures all of them.
TEST(Activations, FloatWithinTwoUlpOverASampleOfAllFloats) {
  std::vector<float> in, out;
  for (std::uint64_t bits = 0; bits < 1ull << 32; bits += 4099) {
    in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  out.resize(in.size());
  for (const auto& activation : activations<float, double>()) {
    activation.function(in.data(), out.data(), in.size());
    double worst = 0;
    float at = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const double error = ulp_error(out[i], activation.exact(static_cast<double>(in[i])));
      if (error > worst) worst = error, at = in[i];
    }
    EXPECT_LE(worst, 2.0) << activation.name << "(" << std::hexfloat << at << ")";
    EXPECT_GE(worst, 0.49) << activation.name << ": the measurement itself must see rounding";
  }
}

TEST(Activations, DoubleWithinTwoUlpOfLongDouble) {
  const Random random(3, 0);
  std::vector<double> in, out;
  for (std::size_t i = 0; i < 40000; ++i) {
    // All magnitudes, and those where something happens more often.
    const double scale = i % 2 == 0 ? std::ldexp(1.0, static_cast<int>(i / 2 % 2000) - 1030)
                                    : std::ldexp(1.0, static_cast<int>(i / 2 % 16) - 5);
    in.push_back(scale * (2 * random.uniform(i) - 1));
  }
  out.resize(in.size());
  for (const auto& activation : activations<double, long double>()) {
    activation.function(in.data(), out.data(), in.size());
    double worst = 0, at = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const double error = ulp_error(out[i], activation.exact(static_cast<long double>(in[i])));
      if (error > worst) worst = error, at = in[i];
    }
    EXPECT_LE(worst, 2.0) << activation.name << "(" << std::hexfloat << at << ")";
    EXPECT_GE(worst, 0.49) << activation.name;
  }
}

/// One number for the bits of many outputs (FNV-1a). That the values are right is tested above; this is the
/// same test on x86-64 and AArch64, so that they agree.
template <class T, class Wide>
std::uint64_t fingerprint(const Activation<T, Wide>& activation) {
  const Guarded<T> in = random_values<T>(10000, 6, 20);
  Guarded<T> out(in.size());
  activation.function(in.data(), out.data(), in.size());
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const T value : out) {
    unsigned char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  }
  return hash;
}

TEST(Activations, GiveTheSameBitsOnEveryArchitecture) {
  std::vector<std::uint64_t> found;
  for (const auto& activation : activations<float, double>()) found.push_back(fingerprint(activation));
  for (const auto& activation : activations<double, long double>()) found.push_back(fingerprint(activation));
  const std::vector<std::uint64_t> expected = {0x41327faf995bf142, 0xf7353e406a0811ee, 0x4cb6c57c6eb50f66,
                                               0xf2b049c4c363d274, 0x82b801df59ed3891, 0x2a6caf809805cd64,
                                               0x6222dc66ff957d7e, 0x4730a166b80a39e};
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace carousel::kernels
