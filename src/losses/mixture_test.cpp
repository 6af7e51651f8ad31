// The mixture likelihood against densities summed by hand, and its derivatives against differences.
#include "losses/mixture.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "tensor/tensor.h"

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kComponents = 3, kValues = 2, kRows = 5;

/// Weights that sum to 1, means in [-2, 2), deviations in [0.3, 2).
Tensor<double> some_predictions() {
  const Random random(3, 0);
  Tensor<double> p({kRows, kComponents * (1 + 2 * kValues)});
  std::uint64_t next = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    double* const row = p.matrix().row(r);
    double sum = 0;
    for (std::size_t k = 0; k < kComponents; ++k) sum += row[k] = random.uniform(next++, 0.1, 1);
    for (std::size_t k = 0; k < kComponents; ++k) row[k] /= sum;
    for (std::size_t i = 0; i < kComponents * kValues; ++i) {
      row[kComponents + i] = random.uniform(next++, -2, 2);
      row[kComponents + kComponents * kValues + i] = random.uniform(next++, 0.3, 2);
    }
  }
  return p;
}

/// The third row has one value, the fourth none.
Tensor<double> some_targets() {
  const Random random(3, 1);
  Tensor<double> y({kRows, kValues});
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = random.uniform(i, -2, 2);
  y[2 * kValues + 1] = y[3 * kValues] = y[3 * kValues + 1] = kMissing;
  return y;
}

/// -log of the sum of the components' densities, as the formula stands.
double brute_force(const double* p, const double* y) {
  double density = 0;
  for (std::size_t k = 0; k < kComponents; ++k) {
    double product = p[k];
    for (std::size_t f = 0; f < kValues; ++f) {
      if (std::isnan(y[f])) continue;
      const double mean = p[kComponents + k * kValues + f];
      const double deviation = p[kComponents + kComponents * kValues + k * kValues + f];
      product *= std::exp(-(y[f] - mean) * (y[f] - mean) / (2 * deviation * deviation)) /
                 (deviation * std::sqrt(2 * std::acos(-1.0)));
    }
    density += product;
  }
  return -std::log(density);
}

TEST(Mixture, IsTheLogarithmOfTheSumOfDensities) {
  const Tensor<double> p = some_predictions(), y = some_targets();
  const LossValue value = Mixture<double>(kComponents).evaluate(p.matrix(), y.matrix(), {});
  double expected = 0;
  for (const std::size_t r : {0, 1, 2, 4}) expected += brute_force(p.matrix().row(r), y.matrix().row(r));
  EXPECT_NEAR(value.sum, expected, 1e-12);
  EXPECT_EQ(value.count, 4u);
}

TEST(Mixture, OfOneComponentIsTheGaussian) {
  Tensor<double> p({1, 3}), y({1, 1}, 3.0);
  p[0] = 1, p[1] = 1, p[2] = 2;
  const double log_2_pi = std::log(2 * std::acos(-1.0));
  EXPECT_NEAR(Mixture<double>(1).evaluate(p.matrix(), y.matrix(), {}).sum, 0.5 * (log_2_pi + std::log(4) + 1),
              1e-14);
}

TEST(Mixture, DerivativesAgreeWithDifferences) {
  Tensor<double> p = some_predictions();
  const Tensor<double> y = some_targets();
  const Mixture<double> loss(kComponents);
  Tensor<double> gradient(p.shape(), 77.0);
  loss.evaluate(p.matrix(), y.matrix(), gradient.matrix());
  const auto at = [&](std::size_t i, double value) {
    const double before = std::exchange(p[i], value);
    const double mean = loss.evaluate(p.matrix(), y.matrix(), {}).mean();
    p[i] = before;
    return mean;
  };
  for (std::size_t i = 0; i < p.size(); ++i) {
    constexpr double h = 1e-5;
    EXPECT_NEAR(gradient[i], (at(i, p[i] + h) - at(i, p[i] - h)) / (2 * h), 1e-8) << i;
  }
}

TEST(Mixture, FloatAgreesWithDouble) {
  const Tensor<double> p = some_predictions(), y = some_targets();
  Tensor<float> p_float(p.shape()), y_float(y.shape()), gradient(p.shape());
  std::ranges::copy(p.span(), p_float.data());
  std::ranges::copy(y.span(), y_float.data());
  Tensor<double> exact(p.shape());
  const double sum = Mixture<double>(kComponents).evaluate(p.matrix(), y.matrix(), exact.matrix()).sum;
  EXPECT_NEAR(Mixture<float>(kComponents).evaluate(p_float.matrix(), y_float.matrix(), gradient.matrix()).sum,
              sum, 1e-5 * sum);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(gradient[i], exact[i], 1e-5) << i;
}

// Far from all components, on top of one that is too sure, and where a weight has become 0.
TEST(Mixture, ExtremesStayFiniteAndAreLedBack) {
  Tensor<float> p({3, 6}), y({3, 1}), gradient({3, 6});
  const float rows[3][6] = {
      {0.5f, 0.5f, -1, 1, 1e-20f, 1e-20f}, {0.5f, 0.5f, 0, 1, 1e-20f, 1}, {0, 1, 7, -1, 1, 0.1f}};
  const float targets[] = {100, 0, 7};
  for (std::size_t r = 0; r < 3; ++r) std::copy_n(rows[r], 6, p.matrix().row(r)), y[r] = targets[r];
  const LossValue value = Mixture<float>(2).evaluate(p.matrix(), y.matrix(), gradient.matrix());
  EXPECT_TRUE(std::isfinite(value.sum));
  for (const float d : gradient.span()) EXPECT_TRUE(std::isfinite(d));
  EXPECT_LT(gradient.matrix()(0, 5), 0);  // too sure: the nearest component's deviation must rise
  EXPECT_EQ(gradient.matrix()(1, 4), 0);  // exact and too sure: no further down
  EXPECT_LT(gradient.matrix()(2, 0), 0);  // the weight of the component that explains the target must rise
}

TEST(Mixture, WithoutTargetsNothingIsAskedForAndNaNShows) {
  Tensor<double> p = some_predictions(), gradient(p.shape(), 77.0);
  const Mixture<double> loss(kComponents);
  const LossValue none =
      loss.evaluate(p.matrix(), Tensor<double>({kRows, kValues}, kMissing).matrix(), gradient.matrix());
  EXPECT_EQ(none.sum, 0);
  EXPECT_EQ(none.count, 0u);
  EXPECT_THAT(gradient.span(), testing::Each(0.0));
  for (const std::size_t broken : {0u, 4u, 10u}) {
    p = some_predictions();
    p[broken] = kMissing;
    EXPECT_TRUE(std::isnan(loss.evaluate(p.matrix(), some_targets().matrix(), {}).sum)) << broken;
  }
}

TEST(Mixture, SaysHowManyOutputsItNeeds) {
  const Mixture<float> loss(3);
  EXPECT_EQ(loss.outputs_for(2), 15u);
  EXPECT_EQ(loss.targets_of(15), 2u);
  EXPECT_EQ(loss.targets_of(9), 1u);
  for (const std::size_t none : {0u, 3u, 6u, 10u, 14u}) EXPECT_EQ(loss.targets_of(none), 0u) << none;
  EXPECT_EQ(make_loss<float>("gaussian")->targets_of(6), 3u);
  EXPECT_EQ(make_loss<float>("gaussian")->targets_of(7), 0u);
  const Tensor<float> p({2, 14}), y({2, 2});
  EXPECT_THAT([&] { loss.evaluate(p.matrix(), y.matrix(), {}); },
              ThrowsMessage<Error>(HasSubstr("[mixture] expected predictions [2, 15]")));
  EXPECT_THAT([] { make_loss<float>("mixture"); }, ThrowsMessage<SettingError>(HasSubstr("components")));
}

}  // namespace
}  // namespace carousel
