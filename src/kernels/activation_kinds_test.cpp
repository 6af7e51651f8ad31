#include "kernels/activation_kinds.h"

#include <cmath>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

std::vector<Activation> all() {
  std::vector<Activation> result;
  for (std::size_t kind = 0; kind < activation_names().size(); ++kind)
    result.push_back(standard_activation(static_cast<ActivationKind>(kind)));
  result.push_back({ActivationKind::scaled_tanh, 1.7, 0.6});
  result.push_back({ActivationKind::scaled_sigmoid, 4, -2});
  result.push_back({ActivationKind::affine, -0.5, 0.25});
  result.push_back({ActivationKind::leaky_relu, 0.3});
  return result;
}

/// By the C library, from the definitions of ONNX.
long double by_definition(const Activation& a, long double x) {
  const long double alpha = a.alpha, beta = a.beta, sigmoid = 1 / (1 + std::exp(-x));
  switch (a.kind) {
    case ActivationKind::identity:
      return x;
    case ActivationKind::sigmoid:
      return sigmoid;
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::relu:
      return std::max(x, 0.0L);
    case ActivationKind::leaky_relu:
      return x >= 0 ? x : alpha * x;
    case ActivationKind::thresholded_relu:
      return x > alpha ? x : 0;
    case ActivationKind::elu:
      return x >= 0 ? x : alpha * std::expm1(x);
    case ActivationKind::hard_sigmoid:
      return std::min(std::max(alpha * x + beta, 0.0L), 1.0L);
    case ActivationKind::softsign:
      return x / (1 + std::abs(x));
    case ActivationKind::softplus:
      return std::log1p(std::exp(x));
    case ActivationKind::scaled_tanh:
      return alpha * std::tanh(beta * x);
    case ActivationKind::scaled_sigmoid:
      return alpha * sigmoid + beta;
    case ActivationKind::affine:
      return alpha * x + beta;
  }
  return 0;
}

TEST(ActivationKinds, AreTheirDefinitionsAndSlopes) {
  for (const Activation& activation : all())
    for (double x = -6.031; x < 6; x += 0.37) {  // meets no corner of a function
      double y = x;
      activate(activation, &y, 1);
      EXPECT_NEAR(y, static_cast<double>(by_definition(activation, x)), 4e-15) << to_text(activation) << x;
      double slope = 3;
      activation_gradient(activation, &y, &slope, 1);
      constexpr long double h = 1e-6L;
      const long double expected =
          (by_definition(activation, x + h) - by_definition(activation, x - h)) / (2 * h) * 3;
      EXPECT_NEAR(slope, static_cast<double>(expected), 1e-9) << to_text(activation) << " at " << x;
    }
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, AnyActivationGivesTheSameBitsOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const std::vector<T> special = special_values<T>();
  for (const Activation& activation : all())
    for (std::size_t n = 1; n <= 130; n += n < 40 ? 1 : 9) {
      Guarded<T> values = random_values<T>(n, n, 4), d = random_values<T>(n, n + 1, 2);
      if (n % 5 == 0)
        for (std::size_t j = 0; j < n; j += 3) values[j] = special[j % special.size()];
      Guarded<T> expected(values), expected_d(d);
      {
        const ForcedTarget scalar("SCALAR");
        activate(activation, expected.data(), n);
        activation_gradient(activation, expected.data(), expected_d.data(), n);
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Guarded<T> found(values), found_d(d);
        activate(activation, found.data(), n);
        activation_gradient(activation, found.data(), found_d.data(), n);
        ASSERT_TRUE(same_bits(expected, found)) << to_text(activation) << ", " << target;
        ASSERT_TRUE(same_bits(expected_d, found_d)) << to_text(activation) << ", " << target;
      }
    }
}

TEST(ActivationKinds, AreWrittenWithTheirParameters) {
  EXPECT_EQ(to_text({ActivationKind::tanh}), "tanh");
  EXPECT_EQ(to_text(standard_activation(ActivationKind::hard_sigmoid)), "hard_sigmoid:0.2:0.5");
  EXPECT_EQ(to_text(standard_activation(ActivationKind::elu)), "elu:1");
}

}  // namespace
}  // namespace carousel::kernels
