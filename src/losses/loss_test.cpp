#include "losses/loss.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/random.h"
#include "tensor/tensor.h"

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> kNames = {"mse", "mae", "huber", "quantile", "gaussian"};

Tensor<double> matrix(std::size_t rows, std::size_t columns, const std::vector<double>& values) {
  Tensor<double> result({rows, columns});
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

Tensor<double> random_matrix(std::size_t rows, std::size_t columns, std::uint64_t stream) {
  const Random random(11, stream);
  Tensor<double> result({rows, columns});
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = random.uniform(i, -3, 3);
  return result;
}

LossValue value_of(const Loss<double>& loss, const Tensor<double>& prediction, const Tensor<double>& target) {
  return loss.evaluate(prediction.matrix(), target.matrix(), {});
}

struct WithGradient {
  LossValue value;
  std::vector<double> gradient;
};

WithGradient evaluate(const Loss<double>& loss, const Tensor<double>& prediction,
                      const Tensor<double>& target) {
  Tensor<double> gradient(prediction.shape(), 77.0);
  const LossValue value = loss.evaluate(prediction.matrix(), target.matrix(), gradient.matrix());
  return {value, {gradient.span().begin(), gradient.span().end()}};
}

TEST(Mse, ClosedForm) {
  const auto [value, gradient] =
      evaluate(*make_loss<double>("mse"), matrix(2, 2, {1, 2, 3, 4}), matrix(2, 2, {0, 4, kMissing, 1}));
  EXPECT_EQ(value.sum, 1 + 4 + 9);
  EXPECT_EQ(value.count, 3u);
  EXPECT_DOUBLE_EQ(value.mean(), 14.0 / 3);
  EXPECT_THAT(gradient, testing::Pointwise(testing::DoubleEq(), {2.0 / 3, -4.0 / 3, 0.0, 2.0}));
}

TEST(Mae, ClosedFormAndATie) {
  const auto [value, gradient] =
      evaluate(*make_loss<double>("mae"), matrix(1, 4, {1, 2, 3, 5}), matrix(1, 4, {0, 4, kMissing, 5}));
  EXPECT_EQ(value.sum, 3);
  EXPECT_EQ(value.count, 3u);
  EXPECT_THAT(gradient, testing::Pointwise(testing::DoubleEq(), {1.0 / 3, -1.0 / 3, 0.0, 0.0}));
}

TEST(Huber, SquareInsideDeltaAndLineOutside) {
  const auto [value, gradient] = evaluate(*make_loss<double>("huber", {.delta = 2, .quantiles = {}}),
                                          matrix(1, 4, {1, 2, -5, 3}), matrix(1, 4, {0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(value.sum, 0.5 + 2 + 2 * (5 - 1) + 2 * (3 - 1));
  EXPECT_THAT(gradient, testing::Pointwise(testing::DoubleEq(), {0.25, 0.5, -0.5, 0.5}));
}

TEST(Quantile, ClosedFormMeanOverQuantiles) {
  // Errors y - p: 4, 1, -3.
  const auto [value, gradient] =
      evaluate(*make_loss<double>("quantile"), matrix(1, 3, {1, 4, 8}), matrix(1, 1, {5}));
  EXPECT_DOUBLE_EQ(value.sum, (0.1 * 4 + 0.5 * 1 + 0.1 * 3) / 3);
  EXPECT_EQ(value.count, 1u);
  EXPECT_NEAR(gradient[0], -0.1 / 3, 1e-15);
  EXPECT_NEAR(gradient[1], -0.5 / 3, 1e-15);
  EXPECT_NEAR(gradient[2], 0.1 / 3, 1e-15);
}

TEST(Quantile, CrossedPredictionsAndTies) {
  // p(0.1) = 9 above p(0.9) = 2; the median lies on the target.
  const auto [value, gradient] =
      evaluate(*make_loss<double>("quantile"), matrix(1, 3, {9, 5, 2}), matrix(1, 1, {5}));
  EXPECT_NEAR(value.sum, (0.9 * 4 + 0 + 0.9 * 3) / 3, 1e-15);
  EXPECT_NEAR(gradient[0], 0.9 / 3, 1e-15);
  EXPECT_EQ(gradient[1], 0);
  EXPECT_NEAR(gradient[2], -0.9 / 3, 1e-15);
}

TEST(Quantile, ItsMinimumIsTheQuantile) {
  const auto loss = make_loss<double>("quantile", {.delta = 1, .quantiles = {0.25}});
  Tensor<double> target({101, 1});
  for (std::size_t i = 0; i <= 100; ++i) target[i] = static_cast<double>(i * i);
  double best = std::numeric_limits<double>::infinity(), best_at = -1;
  for (double p = 0; p <= 10000; p += 1) {
    const double sum = value_of(*loss, Tensor<double>({101, 1}, p), target).sum;
    if (sum < best) best = sum, best_at = p;
  }
  EXPECT_EQ(best_at, 625);  // 25^2
}

TEST(Gaussian, ClosedFormWithTheConstant) {
  // Densities of N(0, 1) at 0 and of N(1, variance 4) at 3.
  const double log_4 = std::log(4.0);
  const auto [value, gradient] =
      evaluate(*make_loss<double>("gaussian"), matrix(1, 4, {0, 0, 1, log_4}), matrix(1, 2, {0, 3}));
  const double log_2_pi = std::log(2 * std::acos(-1.0));
  EXPECT_NEAR(value.sum, 0.5 * log_2_pi + 0.5 * (log_2_pi + log_4 + 1), 1e-14);
  EXPECT_EQ(value.count, 2u);
  EXPECT_NEAR(gradient[0], 0, 1e-15);
  EXPECT_NEAR(gradient[1], 0.25, 1e-15);
  EXPECT_NEAR(gradient[2], -0.25, 1e-15);
  EXPECT_NEAR(gradient[3], 0, 1e-15);
}

TEST(Gaussian, AnExtremeVarianceStaysFiniteAndIsLedBack) {
  const auto loss = make_loss<float>("gaussian");
  Tensor<float> prediction({4, 2}), target({4, 1}), gradient({4, 2});
  const float s[] = {-200, -200, 200, 200}, y[] = {1, 0, 1, 1e10f};
  for (std::size_t r = 0; r < 4; ++r) prediction[2 * r + 1] = s[r], target[r] = y[r];
  const LossValue value = loss->evaluate(prediction.matrix(), target.matrix(), gradient.matrix());
  EXPECT_TRUE(std::isfinite(value.sum));
  EXPECT_LT(gradient[1], 0);  // far off and too sure: s must rise
  EXPECT_EQ(gradient[3], 0);  // exact and too sure: no further down
  EXPECT_GT(gradient[5], 0);  // near and too unsure: s must fall
  EXPECT_EQ(gradient[7], 0);
}

TEST(AllLosses, GradientAgreesWithCentralDifferences) {
  for (const std::string& name : kNames) {
    const auto loss = make_loss<double>(name);
    const std::size_t outputs = loss->outputs_for(1);
    Tensor<double> prediction = random_matrix(7, 3 * outputs, 1);
    Tensor<double> target = random_matrix(7, 3, 2);
    target[4] = target[20] = kMissing;
    const std::vector<double> gradient = evaluate(*loss, prediction, target).gradient;
    for (std::size_t i = 0; i < prediction.size(); ++i) {
      const double step = 1e-5, at = prediction[i];
      prediction[i] = at + step;
      const double above = value_of(*loss, prediction, target).mean();
      prediction[i] = at - step;
      const double below = value_of(*loss, prediction, target).mean();
      prediction[i] = at;
      EXPECT_NEAR(gradient[i], (above - below) / (2 * step), 1e-7 * std::max(1.0, std::abs(gradient[i])))
          << name << " output " << i;
    }
  }
}

TEST(AllLosses, WithoutTargetsNothingIsAskedFor) {
  for (const std::string& name : kNames) {
    const auto loss = make_loss<double>(name);
    const Tensor<double> prediction = random_matrix(3, loss->outputs_for(2), 1);
    const auto [value, gradient] = evaluate(*loss, prediction, Tensor<double>({3, 2}, kMissing));
    EXPECT_EQ(value.sum, 0) << name;
    EXPECT_EQ(value.count, 0u) << name;
    EXPECT_EQ(value.mean(), 0) << name;
    EXPECT_THAT(gradient, testing::Each(0.0)) << name;
    EXPECT_EQ(value_of(*loss, Tensor<double>({0, loss->outputs_for(2)}), Tensor<double>({0, 2})).count, 0u);
  }
}

TEST(AllLosses, AMissingTargetHidesItsPrediction) {
  for (const std::string& name : kNames) {
    const auto loss = make_loss<double>(name);
    const Tensor<double> prediction({1, loss->outputs_for(1)}, kMissing);
    EXPECT_EQ(value_of(*loss, prediction, Tensor<double>({1, 1}, kMissing)).sum, 0) << name;
    EXPECT_TRUE(std::isnan(value_of(*loss, prediction, Tensor<double>({1, 1}, 1.0)).sum)) << name;
  }
}

TEST(AllLosses, FloatAgreesWithDoubleAndWindowsWork) {
  for (const std::string& name : kNames) {
    const auto wide = make_loss<double>(name);
    const auto narrow = make_loss<float>(name);
    const std::size_t columns = wide->outputs_for(2);
    const Tensor<double> prediction = random_matrix(5, columns, 3), target = random_matrix(5, 2, 4);
    Tensor<float> p({5, columns + 3}), y({5, 6}), d({5, columns + 1}, 5.0f);
    for (std::size_t r = 0; r < 5; ++r) {
      for (std::size_t c = 0; c < columns; ++c)
        p.matrix()(r, c + 1) = static_cast<float>(prediction.matrix()(r, c));
      for (std::size_t c = 0; c < 2; ++c) y.matrix()(r, c + 2) = static_cast<float>(target.matrix()(r, c));
    }
    const LossValue value = narrow->evaluate(p.matrix().columns(1, columns), y.matrix().columns(2, 2),
                                             d.matrix().columns(0, columns));
    const auto expected = evaluate(*wide, prediction, target);
    EXPECT_NEAR(value.sum, expected.value.sum, 1e-5 * expected.value.sum) << name;
    for (std::size_t r = 0; r < 5; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const double e = expected.gradient[r * columns + c];
        EXPECT_NEAR(d.matrix()(r, c), e, 1e-5 * std::max(1.0, std::abs(e))) << name;
      }
      EXPECT_EQ(d.matrix()(r, columns), 5.0f) << name << ": wrote beside its window";
    }
  }
}

TEST(AllLosses, WrongShapesAreNamed) {
  const Tensor<double> targets({4, 2});
  for (const std::string& name : kNames) {
    const auto loss = make_loss<double>(name);
    const std::size_t columns = loss->outputs_for(2);
    const auto call = [&](std::size_t rows, std::size_t wide, std::size_t gradient_rows) {
      Tensor<double> prediction({rows, wide}), gradient({gradient_rows, wide});
      loss->evaluate(prediction.matrix(), targets.matrix(), gradient.matrix());
    };
    EXPECT_NO_THROW(call(4, columns, 4));
    EXPECT_THAT([&] { call(3, columns, 3); }, ThrowsMessage<Error>(HasSubstr("[" + name + "]")));
    EXPECT_THAT([&] { call(4, columns + 1, 4); }, ThrowsMessage<Error>(HasSubstr("targets [4, 2]")));
    EXPECT_THAT([&] { call(4, columns, 2); }, ThrowsMessage<Error>(HasSubstr("gradient")));
  }
}

TEST(AllLosses, SequencesAreTheirRows) {
  ThreadPool pool(2);
  for (const std::string& name : kNames) {
    const auto loss = make_loss<double>(name);
    Sequences<double> prediction({2, 0, 3}, loss->outputs_for(2)), target({2, 0, 3}, 2), gradient;
    const Random random(3, 1);
    for (std::size_t i = 0; i < prediction.values().size(); ++i)
      prediction.values()[i] = random.uniform(i, -3, 3);
    target.at(0, 1)[0] = kMissing;
    Tensor<double> expected({5, loss->outputs_for(2)});
    const LossValue rows =
        loss->evaluate(std::as_const(prediction).matrix(), std::as_const(target).matrix(), expected.matrix());
    const LossValue value = loss->evaluate_sequences(pool, prediction, target, &gradient);
    EXPECT_EQ(value.sum, rows.sum) << name;
    EXPECT_EQ(value.count, rows.count) << name;
    EXPECT_EQ(gradient.layout(), prediction.layout()) << name;
    EXPECT_THAT(gradient.values(), testing::ElementsAreArray(expected.span())) << name;
    EXPECT_EQ(loss->evaluate_sequences(pool, prediction, target, nullptr).sum, rows.sum) << name;
  }
}

TEST(AllLosses, LengthsThatDoNotAgreeAreNamed) {
  ThreadPool pool(1);
  const auto loss = make_loss<double>("mae");
  const auto call = [&](std::vector<std::size_t> predictions, std::vector<std::size_t> targets) {
    return loss->evaluate_sequences(pool, Sequences<double>(std::move(predictions), 1),
                                    Sequences<double>(std::move(targets), 1), nullptr);
  };
  // As many rows, but not of the same sequences.
  EXPECT_THAT(
      [&] {
        call({3, 2}, {2, 3});
      },
      ThrowsMessage<Error>(HasSubstr("[mae] sequence 0: expected targets for 3 steps")));
  EXPECT_THAT(
      [&] {
        call({3, 2}, {3});
      },
      ThrowsMessage<Error>(HasSubstr("[mae] a batch has 2 predictions and 1 targets")));
}

TEST(MakeLoss, RefusesWhatItCannotHonour) {
  EXPECT_THAT([] { make_loss<float>("hubert"); }, ThrowsMessage<SettingError>(HasSubstr("huber")));
  for (const double delta : {0.0, -1.0, kMissing, std::numeric_limits<double>::infinity()})
    EXPECT_THROW(make_loss<double>("huber", {.delta = delta, .quantiles = {}}), SettingError);
  for (const std::vector<double>& quantiles :
       std::vector<std::vector<double>>{{}, {0.0}, {1.0}, {0.5, 0.5}, {0.9, 0.1}, {kMissing}})
    EXPECT_THROW(make_loss<double>("quantile", {.delta = 1, .quantiles = quantiles}), SettingError);
  EXPECT_EQ(make_loss<float>("quantile", {.delta = 1, .quantiles = {0.2, 0.8}})->outputs_for(1), 2u);
}

}  // namespace
}  // namespace carousel
