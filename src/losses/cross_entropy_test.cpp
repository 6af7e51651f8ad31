// Cross-entropy against its formula in long double, and what is no class.
#include "losses/cross_entropy.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/random.h"
#include "support/gradient_check.h"
#include "support/same_bits.h"
#include "tensor/tensor.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

template <class T>
Tensor<T> scores(std::size_t rows, std::size_t columns, double scale) {
  const Random random(5, 1);
  Tensor<T> result({rows, columns});
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<T>(static_cast<float>(random.uniform(i, -scale, scale)));
  return result;
}

template <class T>
Tensor<T> classes(std::size_t rows, std::size_t columns, std::size_t count) {
  const Random random(5, 2);
  Tensor<T> result({rows, columns});
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<T>(random.below(i, count));
  return result;
}

/// -log softmax(p)_y by the C library, in long double.
template <class T>
long double by_definition(const T* p, std::size_t count, std::size_t y) {
  long double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += std::exp(static_cast<long double>(p[k]) - p[y]);
  return std::log(sum);
}

TEST(CrossEntropy, ClosedForm) {
  // Odds of 1 : 2 : 5, twice; the targets are the second and the third class, and none.
  const double l2 = std::log(2.0), l5 = std::log(5.0);
  Tensor<double> p({3, 3}), y({3, 1}), d({3, 3}, 77.0);
  for (std::size_t r = 0; r < 3; ++r) p[3 * r + 1] = l2, p[3 * r + 2] = l5;
  y[0] = 1, y[1] = 2, y[2] = kMissing;
  const LossValue value = CrossEntropy<double>(3).evaluate(p.matrix(), y.matrix(), d.matrix());
  EXPECT_NEAR(value.sum, std::log(8.0 / 2) + std::log(8.0 / 5), 1e-14);
  EXPECT_EQ(value.count, 2u);
  const std::vector<double> expected = {1.0 / 16,  -6.0 / 16, 5.0 / 16, 1.0 / 16, 2.0 / 16,
                                        -3.0 / 16, 0,         0,        0};
  EXPECT_THAT(d.span(), ::testing::Pointwise(::testing::DoubleNear(1e-15), expected));
}

template <class T>
void agrees_with_the_definition(double limit) {
  for (const std::size_t count : {2, 3, 65, 130}) {
    const Tensor<T> p = scores<T>(7, 2 * count, 6), y = classes<T>(7, 2, count);
    long double expected = 0;
    for (std::size_t i = 0; i < 14; ++i)
      expected += by_definition(p.data() + i * count, count, static_cast<std::size_t>(y[i]));
    const LossValue value = CrossEntropy<T>(count).evaluate(p.matrix(), y.matrix(), {});
    EXPECT_EQ(value.count, 14u);
    EXPECT_NEAR(value.sum, static_cast<double>(expected), limit * static_cast<double>(expected)) << count;
  }
}
TEST(CrossEntropy, AgreesWithItsDefinition) {
  agrees_with_the_definition<float>(1e-6);
  agrees_with_the_definition<double>(1e-14);
}

TEST(CrossEntropy, GradientAgreesWithDifferences) {
  const CrossEntropy<double> loss(6);
  Tensor<double> p = scores<double>(5, 12, 3), y = classes<double>(5, 2, 6), d({5, 12}, 77.0);
  y[3] = kMissing;
  const double value = loss.evaluate(p.matrix(), y.matrix(), d.matrix()).mean();
  EXPECT_EQ(value, loss.evaluate(p.matrix(), y.matrix(), {}).mean()) << "with and without a gradient";
  EXPECT_TRUE(testing::gradient_matches("dp", p.span(), d.span(),
                                        [&] { return loss.evaluate(p.matrix(), y.matrix(), {}).mean(); }));
}

/// In long double: w_y times the cross-entropy of q with softmax(p).
long double smoothed(const double* p, std::size_t count, std::size_t y, double e, double weight) {
  long double sum = 0;
  for (std::size_t k = 0; k < count; ++k)
    sum += (e / static_cast<double>(count) + (k == y ? 1 - e : 0)) * by_definition(p, count, k);
  return weight * sum;
}

TEST(CrossEntropy, SmoothingAndWeightsAgreeWithTheirDefinition) {
  const Tensor<double> p = scores<double>(9, 4, 5), y = classes<double>(9, 1, 4);
  const std::vector<double> weights = {2, 0.5, 0, 1};
  for (const double e : {0.0, 0.1, 0.9})
    for (const bool weighted : {false, true}) {
      long double expected = 0;
      for (std::size_t r = 0; r < 9; ++r) {
        const auto k = static_cast<std::size_t>(y[r]);
        expected += smoothed(p.matrix().row(r), 4, k, e, weighted ? weights[k] : 1);
      }
      const CrossEntropy<double> loss(4, e, weighted ? weights : std::vector<double>());
      const LossValue value = loss.evaluate(p.matrix(), y.matrix(), {});
      EXPECT_EQ(value.count, 9u);
      EXPECT_NEAR(value.sum, static_cast<double>(expected), 1e-13) << e << " " << weighted;
    }
}

TEST(CrossEntropy, GradientOfSmoothedAndWeightedAgreesWithDifferences) {
  const std::vector<double> weights = {2, 0.5, 0, 1, 0.25};
  const CrossEntropy<double> loss(5, 0.2, weights);
  Tensor<double> p = scores<double>(6, 10, 3), y = classes<double>(6, 2, 5), d({6, 10}, 77.0);
  y[5] = kMissing;
  const double value = loss.evaluate(p.matrix(), y.matrix(), d.matrix()).mean();
  EXPECT_EQ(value, loss.evaluate(p.matrix(), y.matrix(), {}).mean()) << "with and without a gradient";
  EXPECT_TRUE(testing::gradient_matches("dp", p.span(), d.span(),
                                        [&] { return loss.evaluate(p.matrix(), y.matrix(), {}).mean(); }));
}

TEST(CrossEntropy, WeightsOfOneChangeNoBit) {
  const Tensor<float> p = scores<float>(8, 6, 4), y = classes<float>(8, 2, 3);
  Tensor<float> plain({8, 6}), weighted({8, 6});
  const std::vector<double> ones(3, 1.0);
  const double sum = CrossEntropy<float>(3).evaluate(p.matrix(), y.matrix(), plain.matrix()).sum;
  EXPECT_EQ(CrossEntropy<float>(3, 0, ones).evaluate(p.matrix(), y.matrix(), weighted.matrix()).sum, sum);
  EXPECT_TRUE(testing::same_bits(std::as_const(plain).span(), std::as_const(weighted).span()));
}

TEST(CrossEntropy, SmoothingAndWeightsThatAreNoneAreRefused) {
  const auto refusal = [](double smoothing, std::vector<double> weights, const char* message) {
    EXPECT_THAT([&] { CrossEntropy<float> loss(3, smoothing, weights); },
                ThrowsMessage<SettingError>(HasSubstr(message)));
  };
  refusal(1, {}, "smoothing must be at least 0 and below 1, got 1");
  refusal(kMissing, {}, "smoothing must be");
  refusal(0, {1, 1}, "a weight for each of 3 classes, got 2");
  refusal(0, {1, -1, 1}, "at least 0, got -1");
  refusal(0, {1, 1, 1e300}, "finite");
}

TEST(CrossEntropy, NoProbabilityIsTooSmall) {
  Tensor<float> p({2, 3}), y({2, 1}), d({2, 3});
  p[0] = 3e4f, p[1] = -1e4f;             // class 1, at odds of e^-40000
  p[3] = 1e30f, p[4] = 1e30f, p[5] = 0;  // class 0, at odds of one half
  y[0] = 1;
  const LossValue value = CrossEntropy<float>(3).evaluate(p.matrix(), y.matrix(), d.matrix());
  EXPECT_NEAR(value.sum, 4e4 + std::log(2.0), 1e-2);
  EXPECT_THAT(d.span(), ::testing::Pointwise(::testing::FloatNear(1e-6f),
                                             std::vector<float>{0.5f, -0.5f, 0, -0.25f, 0.25f, 0}));
}

TEST(CrossEntropy, AMissingTargetHidesItsPrediction) {
  const CrossEntropy<double> loss(2);
  const Tensor<double> p({1, 2}, kMissing);
  Tensor<double> d({1, 2}, 77.0);
  EXPECT_EQ(loss.evaluate(p.matrix(), Tensor<double>({1, 1}, kMissing).matrix(), d.matrix()).sum, 0);
  EXPECT_THAT(d.span(), ::testing::Each(0.0));
  EXPECT_TRUE(std::isnan(loss.evaluate(p.matrix(), Tensor<double>({1, 1}, 1.0).matrix(), {}).sum));
}

TEST(CrossEntropy, WindowsWork) {
  const Tensor<float> p = scores<float>(4, 3, 2), y = classes<float>(4, 1, 3);
  Tensor<float> wide({4, 5}, 9.0f), d({4, 3}), d_wide({4, 5}, 9.0f);
  for (std::size_t r = 0; r < 4; ++r) std::copy_n(p.matrix().row(r), 3, wide.matrix().row(r) + 1);
  const CrossEntropy<float> loss(3);
  const double expected = loss.evaluate(p.matrix(), y.matrix(), d.matrix()).sum;
  EXPECT_EQ(loss.evaluate(wide.matrix().columns(1, 3), y.matrix(), d_wide.matrix().columns(1, 3)).sum,
            expected);
  for (std::size_t r = 0; r < 4; ++r) {
    EXPECT_TRUE(std::equal(d.matrix().row(r), d.matrix().row(r) + 3, d_wide.matrix().row(r) + 1)) << r;
    EXPECT_EQ(d_wide.matrix()(r, 0), 9.0f);
    EXPECT_EQ(d_wide.matrix()(r, 4), 9.0f);
  }
}

TEST(CrossEntropy, WhatIsNoClassIsRefusedWithItsPlace) {
  const Tensor<double> p({3, 8});
  for (const double bad : {-1.0, 4.0, 0.5, std::numeric_limits<double>::infinity()}) {
    Tensor<double> y({3, 2}, kMissing);
    y[3] = bad;
    EXPECT_THAT(
        [&] { CrossEntropy<double>(4).evaluate(p.matrix(), y.matrix(), {}); },
        ThrowsMessage<Error>(HasSubstr(fmt::format("0 to 3, as targets, got {} at row 1, column 1", bad))));
  }
  const Tensor<double> y({3, 2});
  EXPECT_THAT([&] { CrossEntropy<double>(5).evaluate(p.matrix(), y.matrix(), {}); },
              ThrowsMessage<Error>(HasSubstr("[cross_entropy] expected predictions [3, 10]")));
}

TEST(CrossEntropy, IsMadeByNameAndNeedsClasses) {
  LossOptions options;
  EXPECT_THAT([&] { make_loss<float>("cross_entropy", options); },
              ThrowsMessage<SettingError>(HasSubstr("classes are possible, got 0")));
  options.classes = 65;
  EXPECT_EQ(make_loss<float>("cross_entropy", options)->outputs_for(1), 65u);
  EXPECT_EQ(make_loss<float>("cross_entropy", options)->name(), "cross_entropy");
  options.smoothing = 2;
  EXPECT_THROW(make_loss<float>("cross_entropy", options), SettingError);
  options.smoothing = 0.1;
  options.class_weights = {1, 2};
  EXPECT_THROW(make_loss<float>("cross_entropy", options), SettingError);
}

}  // namespace
}  // namespace carousel
