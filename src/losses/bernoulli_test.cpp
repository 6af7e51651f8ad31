// The Bernoulli likelihood against its formula in long double, and what is no probability.
#include "losses/bernoulli.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "support/gradient_check.h"
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

/// Yes or no, every fifth one a probability between.
template <class T>
Tensor<T> answers(std::size_t rows, std::size_t columns) {
  const Random random(5, 2);
  Tensor<T> result({rows, columns});
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = i % 5 == 4 ? T(0.25) : static_cast<T>(random.below(i, 2));
  return result;
}

TEST(Bernoulli, ClosedForm) {
  // Odds of 3 : 1 and 1 : 4, yes and no; the second step has one target, the third none.
  Tensor<double> p({3, 2}), y({3, 2}), d({3, 2}, 77.0);
  p[0] = p[2] = std::log(3.0), p[1] = p[3] = -std::log(4.0);
  y[0] = 1, y[1] = 0, y[2] = kMissing, y[3] = 1, y[4] = y[5] = kMissing;
  const LossValue value = Bernoulli<double>().evaluate(p.matrix(), y.matrix(), d.matrix());
  EXPECT_EQ(value.count, 2u) << "steps, not keys";
  EXPECT_NEAR(value.sum, -std::log(3.0 / 4) - std::log(4.0 / 5) - std::log(1.0 / 5), 1e-15);
  const std::vector<double> expected = {-1.0 / 8, 1.0 / 10, 0, -4.0 / 10, 0, 0};
  EXPECT_THAT(d.span(), ::testing::Pointwise(::testing::DoubleNear(1e-15), expected));
}

template <class T>
void agrees_with_the_definition(double limit) {
  for (const std::size_t width : {1, 7, 88}) {
    const Tensor<T> p = scores<T>(6, width, 9), y = answers<T>(6, width);
    long double expected = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const long double yes = 1 / (1 + std::exp(-static_cast<long double>(p[i]))), part = y[i];
      expected -= part * std::log(yes) + (1 - part) * std::log(1 - yes);
    }
    const LossValue value = Bernoulli<T>().evaluate(p.matrix(), y.matrix(), {});
    EXPECT_EQ(value.count, 6u);
    EXPECT_NEAR(value.sum, static_cast<double>(expected), limit * static_cast<double>(expected)) << width;
  }
}
TEST(Bernoulli, AgreesWithItsDefinition) {
  agrees_with_the_definition<float>(1e-6);
  agrees_with_the_definition<double>(1e-13);
}

TEST(Bernoulli, GradientAgreesWithDifferences) {
  const Bernoulli<double> loss;
  Tensor<double> p = scores<double>(5, 4, 3), y = answers<double>(5, 4), d({5, 4}, 77.0);
  y[3] = kMissing;
  for (std::size_t f = 0; f < 4; ++f) y[8 + f] = kMissing;
  loss.evaluate(p.matrix(), y.matrix(), d.matrix());
  EXPECT_TRUE(testing::gradient_matches("dp", p.span(), d.span(),
                                        [&] { return loss.evaluate(p.matrix(), y.matrix(), {}).mean(); }));
}

TEST(Bernoulli, NoProbabilityIsTooSmall) {
  Tensor<float> p({1, 2}), y({1, 2}), d({1, 2});
  p[0] = 3e4f, p[1] = -2e4f, y[1] = 1;
  EXPECT_EQ(Bernoulli<float>().evaluate(p.matrix(), y.matrix(), d.matrix()).sum, 5e4);
  EXPECT_THAT(d.span(), ::testing::ElementsAre(1.0f, -1.0f));
}

TEST(Bernoulli, AMissingTargetHidesItsPrediction) {
  const Tensor<double> p({1, 1}, kMissing);
  EXPECT_EQ(Bernoulli<double>().evaluate(p.matrix(), Tensor<double>({1, 1}, kMissing).matrix(), {}).sum, 0);
  EXPECT_TRUE(
      std::isnan(Bernoulli<double>().evaluate(p.matrix(), Tensor<double>({1, 1}, 1.0).matrix(), {}).sum));
}

TEST(Bernoulli, WhatIsNoProbabilityIsRefusedWithItsPlace) {
  const Tensor<double> p({3, 2});
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::infinity()}) {
    Tensor<double> y({3, 2});
    y[3] = bad;
    EXPECT_THAT([&] { Bernoulli<double>().evaluate(p.matrix(), y.matrix(), {}); },
                ThrowsMessage<Error>(HasSubstr("at row 1, column 1")));
  }
  EXPECT_THAT(
      [&] {
        make_loss<double>("bernoulli")->evaluate(p.matrix(), Tensor<double>({3, 1}).matrix(), {});
      },
      ThrowsMessage<Error>(HasSubstr("[bernoulli] expected predictions [3, 1]")));
}

}  // namespace
}  // namespace carousel
