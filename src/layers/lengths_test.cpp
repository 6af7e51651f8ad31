// Layers that change lengths, and what stands around them: values by plain loops, layouts, buffers.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "layers/bidirectional.h"
#include "layers/dense.h"
#include "layers/output_layouts.h"
#include "layers/parallel.h"
#include "layers/pool.h"
#include "layers/pyramid.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "layers/stack.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Sequences<double> some_sequences(std::size_t features) {
  Sequences<double> x({7, 0, 4, 1, 8}, features);
  const Random random(6, 0);
  for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = random.uniform(i, -1, 1);
  return x;
}

Sequences<double> forward(Layer<double>& layer, const Sequences<double>& x) {
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  layer.initialise(weights, 2);
  layer.pack(weights, {});
  Tensor<double> state({x.layout().batch(), layer.state_size()});
  ThreadPool pool(1);
  Sequences<double> y;
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool}, x, state.matrix(), y, *trace);
  return y;
}

template <class... Layers>
std::vector<LayerPointer<double>> list(std::unique_ptr<Layers>... layers) {
  std::vector<LayerPointer<double>> result;
  (result.push_back(std::move(layers)), ...);
  return result;
}

LayerPointer<double> pool_of(std::size_t features, std::size_t window, std::size_t stride) {
  return std::make_unique<Pool<double>>(features, Pooling::max, window, stride);
}

void expect_pool(Pooling pooling, std::size_t window, std::size_t stride) {
  const Sequences<double> x = some_sequences(2);
  Pool<double> layer(2, pooling, window, stride);
  const Sequences<double> y = forward(layer, x);
  for (std::size_t b = 0; b < x.layout().batch(); ++b) {
    const std::size_t n = x.layout().length(b);
    std::size_t u = 0;
    for (std::size_t begin = 0; begin < n; begin += stride, ++u)
      for (std::size_t f = 0; f < 2; ++f) {
        double largest = -2, sum = 0, count = 0;
        for (std::size_t t = begin; t < begin + window && t < n; ++t, ++count) {
          sum += x.at(b, t)[f];
          largest = std::max(largest, x.at(b, t)[f]);
        }
        EXPECT_NEAR(y.at(b, u)[f], pooling == Pooling::max ? largest : sum / count, 1e-15) << b << ", " << u;
      }
    EXPECT_EQ(y.layout().length(b), u) << "window " << window << ", stride " << stride;
  }
}

TEST(Pool, IsTheLargestValueOrTheMeanOfEachWindow) {
  for (const Pooling pooling : {Pooling::max, Pooling::mean})
    for (const std::size_t window : {1, 2, 3, 10})
      for (std::size_t stride = 1; stride <= window; ++stride) expect_pool(pooling, window, stride);
}

TEST(Pool, GivesTheGradientToTheFirstOfEquals) {
  Sequences<double> x({4}, 1), dy({2}, 1), dx;
  const double values[] = {3, 3, -1, 5};
  for (std::size_t t = 0; t < 4; ++t) x.at(0, t)[0] = values[t];
  dy.at(0, 0)[0] = 10, dy.at(0, 1)[0] = 20;
  const LayerPointer<double> layer = pool_of(1, 2, 2);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  const auto trace = layer->make_trace();
  Sequences<double> y;
  layer->forward(pass, x, {}, y, *trace);
  layer->backward(pass, x, y, dy, {}, &dx, {}, *trace);
  EXPECT_THAT(dx.values(), ElementsAre(10, 0, 0, 20));
}

TEST(Pool, ANaNStays) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::size_t at : {0, 1, 2}) {
    Sequences<double> x({3}, 1);
    x.at(0, at)[0] = nan;
    EXPECT_TRUE(std::isnan(forward(*pool_of(1, 3, 3), x).values()[0])) << at;
  }
}

TEST(Pyramid, PutsNeighbouringStepsSideBySide) {
  Sequences<double> x({5, 2, 0}, 2);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      for (std::size_t f = 0; f < 2; ++f) x.at(b, t)[f] = static_cast<double>(100 * b + 10 * t + f + 1);
  Pyramid<double> two(2, 2), three(2, 3);
  const Sequences<double> halved = forward(two, x), third = forward(three, x);
  EXPECT_THAT(halved.layout().lengths(), ElementsAre(3, 1, 0));
  EXPECT_THAT(halved.at(0, 0), ElementsAre(1, 2, 11, 12));
  EXPECT_THAT(halved.at(0, 2), ElementsAre(41, 42, 0, 0));
  EXPECT_THAT(halved.at(1, 0), ElementsAre(101, 102, 111, 112));
  EXPECT_THAT(third.layout().lengths(), ElementsAre(2, 1, 0));
  EXPECT_THAT(third.at(0, 1), ElementsAre(31, 32, 41, 42, 0, 0));
  EXPECT_THAT(third.at(1, 0), ElementsAre(101, 102, 111, 112, 0, 0));
}

TEST(Lengths, ComposeInStacksAndBothDirections) {
  const auto inner = [] {
    return std::make_unique<Stack<double>>(
        list(pool_of(2, 3, 2), LayerPointer<double>(new Pyramid<double>(2, 2))));
  };
  std::vector<LayerPointer<double>> wrappers = list(LayerPointer<double>(inner()));
  wrappers.push_back(std::make_unique<Reversed<double>>(inner()));
  wrappers.push_back(std::make_unique<Bidirectional<double>>(inner(), inner(), Merge::sum));
  for (const auto& layer : wrappers) {
    EXPECT_FALSE(layer->keeps_lengths()) << layer->kind();
    EXPECT_FALSE(layer->causal()) << layer->kind();
    for (std::size_t n = 0; n < 20; ++n) EXPECT_EQ(layer->output_length(n), (n + 3) / 4) << layer->kind();
    EXPECT_THAT(forward(*layer, some_sequences(2)).layout().lengths(), ElementsAre(2, 0, 1, 1, 2));
  }
  EXPECT_TRUE(Residual<double>(pool_of(2, 3, 1)).keeps_lengths());
}

TEST(Lengths, WhereTheyMustBeEqualOthersAreRefused) {
  EXPECT_THAT([] { Residual<double> layer(pool_of(2, 2, 2)); },
              ThrowsMessage<SettingError>(HasSubstr("x + y needs equal lengths")));
  EXPECT_THAT([] { Parallel<double> layer(list(pool_of(2, 2, 1), pool_of(2, 2, 2))); },
              ThrowsMessage<SettingError>(HasSubstr("parallel: pool makes sequences shorter")));
}

TEST(Lengths, AGradientOfOtherLengthsIsRefused) {
  const LayerPointer<double> layer = pool_of(1, 2, 2);
  const Sequences<double> x({5, 3}, 1);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  const auto trace = layer->make_trace();
  Sequences<double> y, dx;
  layer->forward(pass, x, {}, y, *trace);
  EXPECT_NO_THROW(layer->backward(pass, x, y, Sequences<double>({3, 2}, 1), {}, &dx, {}, *trace));
  for (const std::vector<std::size_t>& lengths :
       std::vector<std::vector<std::size_t>>{{5, 3}, {2, 3}, {3, 2, 0}})
    EXPECT_THAT([&] { layer->backward(pass, x, y, Sequences<double>(lengths, 1), {}, &dx, {}, *trace); },
                ThrowsMessage<Error>(HasSubstr("expected dy [3, 2, 1]")));
}

TEST(OutputLayouts, AreMadeOnceForAShapeHadBefore) {
  const LayerPointer<double> layer = pool_of(1, 2, 2);
  const auto layout = [](std::vector<std::size_t> lengths) {
    return std::make_shared<SequenceLayout>(std::move(lengths));
  };
  OutputLayouts layouts;
  const LayoutPointer first = layouts.of(*layer, layout({5, 3})), second = layouts.of(*layer, layout({2}));
  EXPECT_THAT(first->lengths(), ElementsAre(3, 2));
  EXPECT_THAT(second->lengths(), ElementsAre(1));
  EXPECT_EQ(layouts.of(*layer, layout({5, 3})), first);
  EXPECT_EQ(layouts.of(*layer, layout({2})), second);
  const LayoutPointer x = layout({4});
  EXPECT_EQ(layouts.of(*pool_of(1, 2, 1), x), x);
}

TEST(Parallel, PutsTheBranchesOutputsSideBySide) {
  const auto dense = [](std::size_t outputs) {
    return LayerPointer<double>(
        std::make_unique<Dense<double>>(3, outputs, kernels::Activation{kernels::ActivationKind::tanh}));
  };
  Parallel<double> layer(list(dense(2), dense(4)));
  ASSERT_EQ(layer.outputs(), 6u);
  const Sequences<double> x = some_sequences(3), y = forward(layer, x);
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  layer.initialise(weights, 2);
  ASSERT_EQ(table.all()[2].name, "layers.0.1.W");
  for (std::size_t r = 0; r < x.rows(); ++r)
    for (std::size_t o = 0; o < 6; ++o) {
      const double* row = weights.data() + (o < 2 ? o * 3 : table.all()[2].offset + (o - 2) * 3);
      double sum = 0;  // the bias is 0
      for (std::size_t f = 0; f < 3; ++f) sum += row[f] * x.matrix()(r, f);
      EXPECT_NEAR(y.matrix()(r, o), std::tanh(sum), 1e-14) << r << ", " << o;
    }
}

}  // namespace
}  // namespace carousel
