#include "training/optimizer.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "base/random.h"

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Gradient of a curved, coupled bowl, so that every step depends on all before.
std::vector<double> bowl(const std::vector<double>& w) {
  std::vector<double> g(w.size());
  for (std::size_t i = 0; i < w.size(); ++i)
    g[i] = static_cast<double>(i + 1) * w[i] + 0.3 * w[(i + 1) % w.size()] + 0.1 * w[i] * w[i];
  return g;
}

template <class T>
std::vector<double> descend(const OptimizerOptions& options, double rate, int steps) {
  std::vector<T> w = {T(1), T(-2), T(0.5), T(3)};
  const auto optimizer = make_optimizer<T>(options, w.size());
  for (int n = 0; n < steps; ++n) {
    const std::vector<double> exact = bowl({w.begin(), w.end()});
    const std::vector<T> g(exact.begin(), exact.end());
    optimizer->step(w, g, rate);
  }
  return {w.begin(), w.end()};
}

struct Known {
  OptimizerOptions options;
  double rate;
  std::array<double, 4> after_100;
};

// torch.optim of PyTorch 1.13.1 in float64 on the same bowl from the same start, 100 steps.
const Known kPyTorch[] = {
    {{.name = "sgd"},
     0.02,
     {0.19055639691725124, -0.038732233990065118, 0.0020425160812066437, -0.017971894346505365}},
    {{.name = "sgd", .momentum = 0.9},
     0.002,
     {0.15451674879493907, 0.01572311379273757, 0.0047818082581176889, -0.001762475902655259}},
    {{.name = "sgd", .momentum = 0.9, .nesterov = true},
     0.002,
     {0.15944970407091616, 0.010671673424285618, 0.0048929591758478264, -0.0051697365017479707}},
    {{.name = "rmsprop"},
     0.003,
     {0.52739733809447331, -1.4195967147532185, 0.0074052857272107362, 2.4165817001716507}},
    {{.name = "rmsprop", .momentum = 0.5, .alpha = 0.9},
     0.003,
     {0.44773999671937381, -1.3646125456043814, -0.076397828133276571, 2.3631876465256116}},
    {{.name = "adam"},
     0.01,
     {0.36655091048084837, -1.0800611903884871, -0.16054020233419689, 2.067895932576155}},
    {{.name = "adam", .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3},
     0.01,
     {0.32786197232760889, -1.0489051246962438, -0.19364810850349096, 2.0400886048903799}},
    {{.name = "adamw", .weight_decay = 0.1},
     0.01,
     {0.32538624727672238, -0.95340939612040843, -0.15047837753998933, 1.8473824838587636}},
};

TEST(Optimizer, AgreesWithPyTorchAfter100Steps) {
  for (const Known& known : kPyTorch) {
    EXPECT_THAT(descend<double>(known.options, known.rate, 100),
                testing::Pointwise(testing::DoubleNear(1e-12), known.after_100))
        << known.options.name << " momentum " << known.options.momentum;
    EXPECT_THAT(descend<float>(known.options, known.rate, 100),
                testing::Pointwise(testing::DoubleNear(1e-5), known.after_100))
        << known.options.name << " in float";
  }
}

TEST(Optimizer, FirstStepsByHand) {
  const std::vector<double> g = {4, -0.5};
  const auto after = [&](const OptimizerOptions& options, int steps) {
    std::vector<double> w = {1, 1};
    const auto optimizer = make_optimizer<double>(options, 2);
    for (int n = 0; n < steps; ++n) optimizer->step(w, g, 0.1);
    return w;
  };
  EXPECT_THAT(after({.name = "sgd"}, 1), testing::Pointwise(testing::DoubleEq(), {0.6, 1.05}));
  EXPECT_THAT(after({.name = "sgd", .momentum = 0.5}, 2),
              testing::Pointwise(testing::DoubleNear(1e-15), {1 - 0.4 - 0.6, 1 + 0.05 + 0.075}));
  // A constant gradient: Adam's bias-corrected means are g and g^2, so every step is the rate.
  EXPECT_THAT(after({.name = "adam"}, 3), testing::Pointwise(testing::DoubleNear(1e-7), {0.7, 1.3}));
  // Decay first: 1 - 0.1 * 0.5 of the weight.
  EXPECT_THAT(after({.name = "adamw", .weight_decay = 0.5}, 1),
              testing::Pointwise(testing::DoubleNear(1e-7), {0.85, 1.05}));
  // sqrt((1 - 0.99) g^2) = |g| / 10.
  EXPECT_THAT(after({.name = "rmsprop"}, 1), testing::Pointwise(testing::DoubleNear(1e-6), {0.0, 2.0}));
}

/// Two matrices, what counts as vectors, one that starts at 0, and one of nothing.
const std::vector<Parameter> kParameters = {
    {.name = "W", .shape = {3, 2}, .offset = 0},     {.name = "b", .shape = {3}, .offset = 6},
    {.name = "U", .shape = {2, 4}, .offset = 9},     {.name = "row", .shape = {1, 2}, .offset = 17},
    {.name = "none", .shape = {0, 4}, .offset = 19}, {.name = "column", .shape = {3, 1}, .offset = 19},
    {.name = "zeros", .shape = {2}, .offset = 22}};
constexpr std::size_t kWeights = 24;

std::vector<double> first_weights() {
  const Random random(4, 0);
  std::vector<double> w(kWeights, 0);
  for (std::size_t i = 0; i < 22; ++i) w[i] = random.uniform(i, -1, 1);
  return w;
}

/// Of update n: of very different size from update to update, so that now and then it has to be clipped.
std::vector<double> uneven_gradient(std::uint64_t n) {
  const Random random(5, n);
  const double size = std::pow(10.0, random.uniform(1000, -2, 2));
  std::vector<double> g(kWeights);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = size * random.uniform(i, -1, 1);
  return g;
}

double root_mean_square(std::span<const double> values) {
  const double sum = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

/// Algorithms 4 (of a matrix) and 5 (of a vector) of Shazeer & Stern 2018, one parameter after the other.
class PlainAdafactor {
 public:
  void step(std::vector<double>& w, const std::vector<double>& g, double rate) {
    const double beta = 1 - std::pow(static_cast<double>(++t_), -0.8);
    for (const Parameter& p : kParameters) {
      const std::size_t size = p.shape.size(), R = p.shape[0], C = R == 0 ? 0 : size / R;
      if (size == 0) continue;
      std::vector<double> u(g.begin() + p.offset, g.begin() + p.offset + size);
      const std::vector<double> squares = mean_squares(p.name, u, R, C, beta);
      for (std::size_t i = 0; i < size; ++i) u[i] /= std::sqrt(squares[i]);
      const double of_weights = root_mean_square({w.data() + p.offset, size}),
                   of_update = root_mean_square(u);
      lower_limits += of_weights<1e-3, clipped += of_update> 1;
      for (std::size_t i = 0; i < size; ++i)
        w[p.offset + i] -= rate * std::max(1e-3, of_weights) * u[i] / std::max(1.0, of_update);
    }
  }

  int lower_limits = 0, clipped = 0;

 private:
  std::vector<double> mean_squares(const std::string& name, const std::vector<double>& g, std::size_t R,
                                   std::size_t C, double beta) {
    const auto renew = [&](std::vector<double>& kept, std::size_t k, double value) {
      kept.resize(std::max(kept.size(), k + 1));
      kept[k] = beta * kept[k] + (1 - beta) * value;
    };
    std::vector<double> whole(g.size());
    if (R == 1 || C == 1) {
      for (std::size_t i = 0; i < g.size(); ++i) renew(kept_[name], i, g[i] * g[i] + 1e-30);
      return kept_[name];
    }
    std::vector<double> rows(R, 0), columns(C, 0);
    for (std::size_t i = 0; i < g.size(); ++i)
      rows[i / C] += g[i] * g[i] + 1e-30, columns[i % C] += g[i] * g[i] + 1e-30;
    std::vector<double>&r = kept_[name + " rows"], &c = kept_[name + " columns"];
    for (std::size_t i = 0; i < R; ++i) renew(r, i, rows[i]);
    for (std::size_t j = 0; j < C; ++j) renew(c, j, columns[j]);
    const double sum = std::accumulate(r.begin(), r.end(), 0.0);
    for (std::size_t i = 0; i < g.size(); ++i) whole[i] = r[i / C] * c[i % C] / sum;
    return whole;
  }

  int t_ = 0;
  std::map<std::string, std::vector<double>> kept_;
};

template <class T>
void expect_as_its_paper_says(double tolerance) {
  const auto optimizer = make_optimizer<T>({.name = "adafactor"}, kWeights, kParameters);
  std::vector<double> plain = first_weights();
  std::vector<T> w(plain.begin(), plain.end());
  PlainAdafactor paper;
  for (int n = 0; n < 100; ++n) {
    const std::vector<double> g = uneven_gradient(static_cast<std::uint64_t>(n));
    optimizer->step(w, std::vector<T>(g.begin(), g.end()), 0.03);
    paper.step(plain, g, 0.03);
    for (std::size_t i = 0; i < kWeights; ++i)
      ASSERT_NEAR(w[i], plain[i], tolerance) << "weight " << i << ", update " << n;
  }
  EXPECT_GT(paper.clipped, 20);
  EXPECT_GT(paper.lower_limits, 0);
}

TEST(Adafactor, IsWhatItsPaperSays) {
  expect_as_its_paper_says<double>(1e-12);
  expect_as_its_paper_says<float>(1e-5);
}

TEST(Adafactor, NeedsOneNumberForEachRowAndColumn) {
  const std::vector<Parameter> parameters = {{.name = "W", .shape = {300, 200}, .offset = 0},
                                             {.name = "b", .shape = {300}, .offset = 60000}};
  std::size_t kept = 0;
  for (const auto& part : make_optimizer<float>({.name = "adafactor"}, 60300, parameters)->state())
    kept += part.values.size();
  EXPECT_EQ(kept, 300u + 200u + 300u);
}

TEST(Adafactor, ItsStateIsAllThatTheNextStepDependsOn) {
  std::vector<double> w = first_weights();
  const auto first = make_optimizer<double>({.name = "adafactor"}, kWeights, kParameters);
  for (std::uint64_t n = 0; n < 7; ++n) first->step(w, uneven_gradient(n), 0.03);
  const auto second = make_optimizer<double>({.name = "adafactor"}, kWeights, kParameters);
  second->steps = first->steps;
  for (std::size_t i = 0; i < 3; ++i)
    std::ranges::copy(first->state()[i].values, second->state()[i].values.begin());
  std::vector<double> copy = w;
  for (std::uint64_t n = 7; n < 12; ++n)
    first->step(w, uneven_gradient(n), 0.03), second->step(copy, uneven_gradient(n), 0.03);
  EXPECT_EQ(w, copy);
}

TEST(Adafactor, AGradientOfNothingButZerosChangesNothing) {
  std::vector<float> w(kWeights, 0.5f);
  const std::vector<float> before = w, g(kWeights, 0.0f);
  const auto optimizer = make_optimizer<float>({.name = "adafactor"}, kWeights, kParameters);
  for (int n = 0; n < 3; ++n) optimizer->step(w, g, 0.1);
  EXPECT_EQ(w, before);
}

TEST(Optimizer, ItsStateIsAllThatTheNextStepDependsOn) {
  for (const Known& known : kPyTorch) {
    std::vector<double> w = {1, -2, 0.5, 3};
    const auto first = make_optimizer<double>(known.options, 4);
    for (int n = 0; n < 7; ++n) first->step(w, bowl(w), known.rate);
    const auto second = make_optimizer<double>(known.options, 4);
    second->steps = first->steps;
    const auto from = first->state(), to = second->state();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(from[i].name, to[i].name);
      std::ranges::copy(from[i].values, to[i].values.begin());
    }
    std::vector<double> copy = w;
    for (int n = 0; n < 5; ++n) {
      first->step(w, bowl(w), known.rate);
      second->step(copy, bowl(copy), known.rate);
    }
    EXPECT_EQ(w, copy) << known.options.name;
  }
}

TEST(Optimizer, RefusesWhatItCannotHonour) {
  const auto make = [](const OptimizerOptions& options) {
    return [options] { make_optimizer<float>(options, 3); };
  };
  EXPECT_THAT(make({.name = "adm"}), ThrowsMessage<SettingError>(HasSubstr("did you mean 'adam'")));
  EXPECT_THAT(make({.name = "sgd", .momentum = 1}), ThrowsMessage<SettingError>(HasSubstr("momentum")));
  EXPECT_THAT(make({.name = "adam", .momentum = 0.5}), ThrowsMessage<SettingError>(HasSubstr("momentum")));
  EXPECT_THAT(make({.name = "sgd", .nesterov = true}), ThrowsMessage<SettingError>(HasSubstr("nesterov")));
  EXPECT_THAT(make({.name = "adam", .beta1 = -0.1}), ThrowsMessage<SettingError>(HasSubstr("beta1")));
  EXPECT_THAT(make({.name = "adam", .beta2 = std::nan("")}), ThrowsMessage<SettingError>(HasSubstr("beta2")));
  EXPECT_THAT(make({.name = "rmsprop", .alpha = 2}), ThrowsMessage<SettingError>(HasSubstr("alpha")));
  EXPECT_THAT(make({.name = "adam", .epsilon = 0}), ThrowsMessage<SettingError>(HasSubstr("epsilon")));
  EXPECT_THAT(make({.name = "adafactor", .momentum = 0.5}),
              ThrowsMessage<SettingError>(HasSubstr("momentum")));
  EXPECT_THAT(make({.name = "adam", .weight_decay = 0.1}), ThrowsMessage<SettingError>(HasSubstr("adamw")));
  EXPECT_THAT(make({.name = "adamw", .weight_decay = -1}),
              ThrowsMessage<SettingError>(HasSubstr("weight_decay")));
}

TEST(ClipByNorm, ScalesOnlyWhatIsTooLong) {
  std::vector<double> g = {3, 4};
  EXPECT_DOUBLE_EQ(clip_by_norm<double>(g, 0), 5);
  EXPECT_EQ(g, (std::vector<double>{3, 4}));
  EXPECT_DOUBLE_EQ(clip_by_norm<double>(g, 5), 5);
  EXPECT_EQ(g, (std::vector<double>{3, 4}));
  EXPECT_DOUBLE_EQ(clip_by_norm<double>(g, 1), 5);
  EXPECT_THAT(g, testing::Pointwise(testing::DoubleEq(), {0.6, 0.8}));
}

TEST(ClipByNorm, LongVectorsAgreeWithDouble) {
  const Random random(3, 1);
  std::vector<float> g(10001);
  double sum = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    g[i] = static_cast<float>(random.uniform(i, -1, 1));
    sum += static_cast<double>(g[i]) * g[i];
  }
  EXPECT_NEAR(clip_by_norm<float>(g, 2), std::sqrt(sum), 1e-5 * std::sqrt(sum));
  EXPECT_NEAR(clip_by_norm<float>(g, 0), 2, 1e-5);
}

TEST(ClipByNorm, HugeNumbersAreClippedAndNonFiniteOnesLeft) {
  std::vector<float> huge = {3e30f, -4e30f};
  EXPECT_NEAR(clip_by_norm<float>(huge, 1) / 5e30, 1, 1e-6);
  EXPECT_NEAR(huge[0], 0.6f, 1e-6);
  std::vector<float> broken = {1, std::numeric_limits<float>::infinity(), 2};
  EXPECT_FALSE(std::isfinite(clip_by_norm<float>(broken, 1)));
  EXPECT_EQ(broken[0], 1);
  broken[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(clip_by_norm<float>(broken, 1)));
  EXPECT_EQ(broken[2], 2);
}

}  // namespace
}  // namespace carousel
