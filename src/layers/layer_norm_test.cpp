// Layers that work on each step by itself, against plain loops in double: layer_norm, softmax, mixture.
#include "layers/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers/mixture_head.h"
#include "layers/softmax.h"

namespace carousel {
namespace {

/// A layer with weights in [-1, 1) and what it makes of some sequences.
class OneLayer {
 public:
  explicit OneLayer(Layer<double>& layer) : x({4, 0, 3}, layer.inputs()) {
    ParameterTable table;
    layer.declare(table, "layers.0");
    weights.resize(table.size());
    fill(weights, 1);
    fill(x.values(), 2);
    layer.pack(weights, {});
    ThreadPool pool(1);
    const auto trace = layer.make_trace();
    layer.forward({.pool = &pool}, x, {}, y, *trace);
  }

  Sequences<double> x, y;
  std::vector<double> weights;

 private:
  static void fill(std::span<double> values, std::uint64_t stream) {
    const Random random(8, stream);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.uniform(i, -1, 1);
  }
};

/// Row r of W x + b, with W and b as they lie in the weights.
std::vector<double> affine(const OneLayer& one, std::size_t r, std::size_t outputs) {
  const std::size_t F = one.x.features();
  std::vector<double> a(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    a[o] = one.weights[outputs * F + o];
    for (std::size_t f = 0; f < F; ++f) a[o] += one.weights[o * F + f] * one.x.matrix()(r, f);
  }
  return a;
}

TEST(LayerNorm, IsTheFormula) {
  for (const std::size_t F : {1u, 2u, 7u, 16u, 33u}) {
    LayerNorm<double> layer(F, 1e-3);
    const OneLayer one(layer);
    for (std::size_t r = 0; r < one.x.rows(); ++r) {
      double mean = 0, variance = 0;
      for (std::size_t f = 0; f < F; ++f) mean += one.x.matrix()(r, f) / static_cast<double>(F);
      for (std::size_t f = 0; f < F; ++f)
        variance += std::pow(one.x.matrix()(r, f) - mean, 2) / static_cast<double>(F);
      for (std::size_t f = 0; f < F; ++f)
        EXPECT_NEAR(
            one.y.matrix()(r, f),
            one.weights[f] * (one.x.matrix()(r, f) - mean) / std::sqrt(variance + 1e-3) + one.weights[F + f],
            1e-13);
    }
  }
}

TEST(LayerNorm, BeginsWithMean0AndVariance1) {
  LayerNorm<double> layer(64, 1e-12);
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  layer.initialise(weights, 3);
  layer.pack(weights, {});
  Tensor<double> x({1, 64}), y({1, 64});
  for (std::size_t f = 0; f < 64; ++f) x[f] = 1000 + static_cast<double>(f * f);
  layer.step(x.matrix(), {}, y.matrix(), nullptr);
  double sum = 0, squares = 0;
  for (const double v : y.span()) sum += v, squares += v * v;
  EXPECT_NEAR(sum / 64, 0, 1e-12);
  EXPECT_NEAR(squares / 64, 1, 1e-12);
}

TEST(Softmax, IsTheFormula) {
  for (const bool log : {false, true}) {
    Softmax<double> layer(3, 5, log);
    const OneLayer one(layer);
    for (std::size_t r = 0; r < one.x.rows(); ++r) {
      const std::vector<double> a = affine(one, r, 5);
      double sum = 0;
      for (const double v : a) sum += std::exp(v);
      for (std::size_t k = 0; k < 5; ++k)
        EXPECT_NEAR(one.y.matrix()(r, k), log ? a[k] - std::log(sum) : std::exp(a[k]) / sum, 1e-14);
    }
  }
}

TEST(Softmax, LogarithmsStayExactWhereAProbabilityIsZero) {
  Softmax<float> layer(1, 2, true);
  ParameterTable table;
  layer.declare(table, "layers.0");
  const std::vector<float> weights = {0, 0, 0, 300};
  layer.pack(weights, {});
  Tensor<float> x({1, 1}), y({1, 2});
  layer.step(x.matrix(), {}, y.matrix(), nullptr);
  EXPECT_EQ(y[0], -300.0f);
  EXPECT_EQ(y[1], 0.0f);
}

TEST(MixtureHead, HasWeightsMeansAndDeviationsSideBySide) {
  constexpr std::size_t K = 3, D = 2;
  MixtureHead<double> layer(4, K, D);
  ASSERT_EQ(layer.outputs(), K * (1 + 2 * D));
  const OneLayer one(layer);
  for (std::size_t r = 0; r < one.x.rows(); ++r) {
    const std::vector<double> a = affine(one, r, layer.outputs());
    double sum = 0;
    for (std::size_t k = 0; k < K; ++k) sum += std::exp(a[k]);
    for (std::size_t k = 0; k < K; ++k) EXPECT_NEAR(one.y.matrix()(r, k), std::exp(a[k]) / sum, 1e-14);
    for (std::size_t i = K; i < K + K * D; ++i) {
      EXPECT_NEAR(one.y.matrix()(r, i), a[i], 1e-14);
      EXPECT_NEAR(one.y.matrix()(r, i + K * D), std::exp(a[i + K * D]), 1e-13);
    }
  }
}

}  // namespace
}  // namespace carousel
