// Vectors looked up, gradients summed by definition, and what is no symbol.
#include "layers/embedding.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "layers/bidirectional.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "layers/stack.h"
#include "layers/work_split.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kSymbols = 5, kWidth = 3;

class EmbeddingTest : public ::testing::Test {
 protected:
  EmbeddingTest() {
    layer_.declare(table_, "layers.0");
    weights_.resize(table_.size());
    layer_.initialise(weights_, 7);
    layer_.pack(weights_, {});
  }
  void forward(const Sequences<double>& x, bool training = false) {
    layer_.forward({.pool = &pool_, .training = training}, x, {}, y_, *trace_);
  }
  std::span<const double> vector(double symbol) const {
    return std::span(weights_).subspan(static_cast<std::size_t>(symbol) * kWidth, kWidth);
  }

  ThreadPool pool_{1};
  Embedding<double> layer_{kSymbols, kWidth};
  ParameterTable table_;
  std::vector<double> weights_;
  Sequences<double> y_;
  std::unique_ptr<Trace<double>> trace_ = layer_.make_trace();
};

/// Symbols that come back, in sequences of different lengths.
Sequences<double> some_symbols() {
  Sequences<double> x({4, 0, 7, 1}, 1);
  for (std::size_t r = 0; r < x.rows(); ++r) x.values()[r] = static_cast<double>((3 * r + r / 4) % kSymbols);
  return x;
}

TEST_F(EmbeddingTest, LooksUpTheVectorOfEachSymbol) {
  ASSERT_EQ(table_.all().size(), 1u);
  EXPECT_EQ(table_.all()[0].name, "layers.0.vectors");
  EXPECT_EQ(table_.all()[0].shape, (Shape{kSymbols, kWidth}));
  const Sequences<double> x = some_symbols();
  forward(x);
  for (std::size_t b = 0; b < 4; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      EXPECT_TRUE(std::ranges::equal(y_.at(b, t), vector(x.at(b, t)[0]))) << b << ", step " << t;
}

TEST_F(EmbeddingTest, ASymbolsGradientIsTheSumOverItsPlaces) {
  const Sequences<double> x = some_symbols();
  forward(x, true);
  Sequences<double> dy(x.layout_pointer(), kWidth), dx;
  for (std::size_t i = 0; i < dy.values().size(); ++i) dy.values()[i] = static_cast<double>(1 + i * i);
  std::vector<double> expected(weights_.size(), 0.5), gradient(weights_.size(), 0.5);
  for (std::size_t r = 0; r < x.rows(); ++r)
    for (std::size_t c = 0; c < kWidth; ++c)
      expected[static_cast<std::size_t>(x.values()[r]) * kWidth + c] += dy.matrix()(r, c);
  layer_.backward({.pool = &pool_, .training = true}, x, y_, dy, {}, &dx, gradient, *trace_);
  EXPECT_EQ(gradient, expected);
  ASSERT_EQ(dx.values().size(), x.rows());
  EXPECT_THAT(dx.values(), ::testing::Each(0.0));
}

TEST_F(EmbeddingTest, ThreadsDoNotShow) {
  const std::size_t width = 203;  // with 6000 rows: work for five threads
  Embedding<float> large(kSymbols, width);
  ParameterTable table;
  large.declare(table, "layers.0");
  std::vector<float> weights(table.size());
  large.initialise(weights, 3);
  large.pack(weights, {});
  Sequences<float> x({2000, 4000}, 1), dy(x.layout_pointer(), width);
  const Random random(5, 0);
  for (std::size_t r = 0; r < x.rows(); ++r) x.values()[r] = static_cast<float>(random.below(r, kSymbols));
  for (std::size_t i = 0; i < dy.values().size(); ++i)
    dy.values()[i] = static_cast<float>(random.uniform(i, -1, 1));
  const auto run = [&](std::size_t threads) {
    ThreadPool pool(threads);
    const Pass pass{.pool = &pool, .training = true};
    Sequences<float> y;
    const auto trace = large.make_trace();
    large.forward(pass, x, {}, y, *trace);
    std::vector<float> result(weights.size());
    large.backward(pass, x, y, dy, {}, nullptr, result, *trace);
    result.insert(result.end(), y.values().begin(), y.values().end());
    return result;
  };
  ThreadPool three(3);
  ASSERT_EQ(work_parts(three, width, x.rows() * width), 3u);
  const std::vector<float> one = run(1);
  for (const std::size_t threads : {2, 3, 8})
    EXPECT_TRUE(testing::same_bits(one, run(threads))) << threads << " threads";
}

const std::vector<double> kNoSymbols = {
    -1, 5, 1e300, 2.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};

TEST_F(EmbeddingTest, WhatIsNoSymbolIsRefusedWithItsPlace) {
  EXPECT_NO_THROW(layer_.check_input(some_symbols()));
  for (const double bad : kNoSymbols) {
    Sequences<double> x = some_symbols();
    x.at(2, 6)[0] = bad;
    EXPECT_THAT([&] { layer_.check_input(x); },
                ThrowsMessage<Error>(HasSubstr("symbols, 0 to 4, got " + fmt::format("{}", bad) +
                                               " at step 6 of sequence 2")));
  }
  EXPECT_THAT([&] { forward(Sequences<double>({2}, 2)); }, ThrowsMessage<Error>(HasSubstr("x [T, B, 1]")));
}

TEST_F(EmbeddingTest, WrappersRefuseItToo) {
  Sequences<double> x({9}, 1);
  x.at(0, 7)[0] = 5;
  const auto embedding = [] { return std::make_unique<Embedding<double>>(kSymbols, 1); };
  std::vector<LayerPointer<double>> wrappers;
  wrappers.push_back(std::make_unique<Reversed<double>>(embedding()));
  wrappers.push_back(std::make_unique<Residual<double>>(embedding()));
  wrappers.push_back(std::make_unique<Bidirectional<double>>(embedding(), embedding()));
  std::vector<LayerPointer<double>> one;
  one.push_back(embedding());
  wrappers.push_back(std::make_unique<Stack<double>>(std::move(one)));
  for (const auto& layer : wrappers)
    EXPECT_THAT([&] { layer->check_input(x); }, ThrowsMessage<Error>(HasSubstr("at step 7 of sequence 0")))
        << layer->kind();
}

TEST_F(EmbeddingTest, WithoutACheckItsVectorIsNaNAndItHasNoGradient) {
  for (const double bad : kNoSymbols) {
    Sequences<double> x({2}, 1), dy({2}, kWidth);
    x.at(0, 0)[0] = bad, x.at(0, 1)[0] = 4;
    dy.fill(1);
    forward(x, true);
    Tensor<double> stepped({2, kWidth});
    layer_.step(x.matrix(), {}, stepped.matrix(), nullptr);
    for (const View<const double> y : {std::as_const(y_).matrix(), std::as_const(stepped).matrix()}) {
      for (std::size_t c = 0; c < kWidth; ++c) EXPECT_TRUE(std::isnan(y(0, c))) << bad;
      EXPECT_TRUE(std::ranges::equal(y.row_span(1), vector(4))) << bad;
    }
    std::vector<double> gradient(weights_.size());
    layer_.backward({.pool = &pool_, .training = true}, x, y_, dy, {}, nullptr, gradient, *trace_);
    EXPECT_EQ(std::accumulate(gradient.begin(), gradient.end(), 0.0), kWidth) << bad;
  }
}

TEST_F(EmbeddingTest, FirstValuesHaveVarianceOne) {
  Embedding<double> large(200, 50);
  ParameterTable table;
  large.declare(table, "layers.0");
  std::vector<double> vectors(table.size());
  large.initialise(vectors, 3);
  double sum = 0, squares = 0;
  for (const double v : vectors) sum += v, squares += v * v;
  EXPECT_NEAR(sum / 10000, 0, 0.05);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
}

}  // namespace
}  // namespace carousel
