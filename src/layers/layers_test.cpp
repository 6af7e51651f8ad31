// What single layers promise, against plain loops written from the equations.
#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cells/lstm_cell.h"
#include "layers/bidirectional.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/plain_loops_testing.h"
#include "layers/recurrent.h"
#include "layers/residual.h"
#include "layers/reversed.h"
#include "layers/stack.h"

namespace carousel {
namespace {

/// A layer with its weights, state and trace.
struct Fixture {
  explicit Fixture(LayerPointer<double> made) : layer(std::move(made)), trace(layer->make_trace()) {
    layer->declare(table, "layer");
    weights.resize(table.size());
    fill(weights, 1, 0.8);
    layer->pack(weights, {});
  }
  void forward(const Sequences<double>& x, bool training = false, std::size_t truncate = 0) {
    pass = {.pool = &pool, .training = training, .truncate = truncate, .seed = 4};
    if (state.size() == 0) state.resize({x.layout().batch(), layer->state_size()}), state.fill(0);
    layer->forward(pass, x, state.matrix(), y, *trace);
  }

  ThreadPool pool{1};
  LayerPointer<double> layer;
  ParameterTable table;
  std::vector<double> weights;
  Tensor<double> state;
  Sequences<double> y;
  std::unique_ptr<Trace<double>> trace;
  Pass pass;
};

LayerPointer<double> lstm(std::size_t inputs, std::size_t hidden) {
  return std::make_unique<Recurrent<double>>(std::make_unique<LstmCell<double>>(inputs, hidden));
}

/// One sequence through the LSTM equations as they stand in the book.
std::vector<std::vector<double>> plain_lstm(const Fixture& f, std::vector<std::vector<double>> xs,
                                            std::vector<double> h, std::vector<double> c) {
  const std::size_t H = h.size(), F = xs.front().size();
  const double *W = f.weights.data(), *R = W + 4 * H * F, *b = R + 4 * H * H;
  std::vector<std::vector<double>> result;
  for (const auto& x : xs) {
    std::vector<double> pre(4 * H);
    for (std::size_t g = 0; g < 4 * H; ++g) {
      pre[g] = b[g];
      for (std::size_t k = 0; k < F; ++k) pre[g] += W[g * F + k] * x[k];
      for (std::size_t k = 0; k < H; ++k) pre[g] += R[g * H + k] * h[k];
    }
    for (std::size_t j = 0; j < H; ++j) {
      c[j] = logistic(pre[H + j]) * c[j] + logistic(pre[j]) * std::tanh(pre[2 * H + j]);
      h[j] = logistic(pre[3 * H + j]) * std::tanh(c[j]);
    }
    result.push_back(h);
  }
  return result;
}

TEST(Recurrent, FollowsTheEquations) {
  Fixture f(lstm(3, 5));
  Sequences<double> x({6, 0, 2}, 3);
  fill(x.values(), 2);
  f.state.resize({3, 10});
  fill(f.state.span(), 3);
  const Tensor<double> initial = f.state;
  f.forward(x);
  for (std::size_t b : {0, 2}) {
    std::vector<std::vector<double>> xs;
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      xs.emplace_back(x.at(b, t).begin(), x.at(b, t).end());
    const double* s = initial.matrix().row(b);
    const auto expected = plain_lstm(f, xs, {s, s + 5}, {s + 5, s + 10});
    for (std::size_t t = 0; t < xs.size(); ++t)
      for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(f.y.at(b, t)[j], expected[t][j], 1e-14);
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(f.state.matrix()(b, j), expected.back()[j], 1e-14);
  }
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ(f.state.matrix()(1, i), initial.matrix()(1, i));  // empty: unchanged
}

TEST(Recurrent, AllCellStatesAndGatesAreThereOnRequest) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({4, 6}, 2);
  fill(x.values(), 2);
  f.state.resize({2, 6});
  fill(f.state.span(), 3);
  const Tensor<double> initial = f.state;
  f.forward(x);
  std::vector<Recording<double>> recordings;
  f.layer->recordings(*f.trace, "lstm", recordings);
  EXPECT_TRUE(recordings.empty());  // a plain pass keeps nothing

  f.state = initial;
  f.pass.record = true;
  f.layer->forward(f.pass, x, f.state.matrix(), f.y, *f.trace);
  f.layer->recordings(*f.trace, "lstm", recordings);
  ASSERT_EQ(recordings.size(), 5u);
  const std::vector<std::string> names = {"lstm.i", "lstm.f", "lstm.g", "lstm.o", "lstm.c"};
  for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(recordings[n].name, names[n]);
  const double *W = f.weights.data(), *R = W + 12 * 2, *bias = R + 12 * 3;
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      for (std::size_t j = 0; j < 3; ++j) {
        const auto recorded = [&](std::size_t n, std::size_t time) {
          return recordings[n].values(recordings[n].layout->row(b, time), j);
        };
        for (std::size_t gate = 0; gate < 4; ++gate) {
          const std::size_t g = 3 * gate + j;
          double a = bias[g] + W[2 * g] * x.at(b, t)[0] + W[2 * g + 1] * x.at(b, t)[1];
          for (std::size_t k = 0; k < 3; ++k)
            a += R[3 * g + k] * (t == 0 ? initial.matrix()(b, k) : f.y.at(b, t - 1)[k]);
          EXPECT_NEAR(recorded(gate, t), gate == 2 ? std::tanh(a) : logistic(a), 1e-14) << names[gate];
        }
        const double c_before = t == 0 ? initial.matrix()(b, 3 + j) : recorded(4, t - 1);
        EXPECT_NEAR(recorded(4, t), recorded(1, t) * c_before + recorded(0, t) * recorded(2, t), 1e-14);
        EXPECT_NEAR(f.y.at(b, t)[j], recorded(3, t) * std::tanh(recorded(4, t)), 1e-14);
      }
}

TEST(Recurrent, TruncatedGradientsStopAtTheCut) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({6}, 2), dx;
  fill(x.values(), 2);
  f.forward(x, true, 4);
  Sequences<double> dy({6}, 3);
  dy.at(0, 5)[0] = 1.0;  // only the last step is looked at: the gradient may reach steps 4 and 5
  Tensor<double> dstate({1, 6});
  std::vector<double> gradient(f.weights.size());
  f.layer->backward(f.pass, x, f.y, dy, dstate.matrix(), &dx, gradient, *f.trace);
  for (std::size_t t = 0; t < 6; ++t) {
    const double size = std::abs(dx.at(0, t)[0]) + std::abs(dx.at(0, t)[1]);
    if (t < 4) {
      EXPECT_EQ(size, 0.0) << t;
    } else {
      EXPECT_GT(size, 0.0) << t;
    }
  }
  for (double d : dstate.span()) EXPECT_EQ(d, 0.0);
}

// Cutting at every fourth step is the same as four steps at a time, nothing handed back from one to the one
// before, but for the gradients on final states, which belong to each sequence's own last step.
TEST(Recurrent, TruncatedGradientsAreThoseOfChunksOnTheirOwn) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({10, 4, 0, 7, 1}, 2), dy({10, 4, 0, 7, 1}, 3), dx;
  fill(x.values(), 2);
  fill(dy.values(), 3);
  f.forward(x, true, 4);
  Tensor<double> dfinal({5, 6});
  fill(dfinal.span(), 4);
  Tensor<double> dinitial = dfinal;
  std::vector<double> gradient(f.weights.size()), expected(f.weights.size());
  f.layer->backward(f.pass, x, f.y, dy, dinitial.matrix(), &dx, gradient, *f.trace);

  const Pass whole{.pool = &f.pool, .training = true};
  Tensor<double> state({5, 6});
  for (std::size_t begin = 0; begin < 10; begin += 4) {
    const Sequences<double> part = slice_time(x, begin, begin + 4), dpart = slice_time(dy, begin, begin + 4);
    Tensor<double> carried({5, 6});
    for (std::size_t b = 0; b < 5; ++b)
      if (const std::size_t length = x.layout().length(b); length > begin && length <= begin + 4)
        std::ranges::copy(dfinal.matrix().row_span(b), carried.matrix().row(b));
    Sequences<double> y, dx_part;
    f.layer->forward(whole, part, state.matrix(), y, *f.trace);
    f.layer->backward(whole, part, y, dpart, carried.matrix(), &dx_part, expected, *f.trace);
    for (std::size_t b = 0; b < 5; ++b) {
      for (std::size_t t = 0; t < part.layout().length(b); ++t)
        for (std::size_t i = 0; i < 2; ++i)
          EXPECT_EQ(dx.at(b, begin + t)[i], dx_part.at(b, t)[i]) << b << ", " << begin + t;
      if (begin == 0 && x.layout().length(b) > 0) {
        EXPECT_TRUE(std::ranges::equal(dinitial.matrix().row_span(b), carried.matrix().row_span(b))) << b;
      }
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(gradient[i], expected[i], 1e-13) << i;
}

TEST(Recurrent, GradientsCarriedFromChunkToChunkEqualThoseOfTheWhole) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({9, 6}, 2), dy({9, 6}, 3), dx;
  fill(x.values(), 2);
  fill(dy.values(), 3);
  f.forward(x, true);
  Tensor<double> dstate({2, 6});
  std::vector<double> gradient(f.weights.size());
  f.layer->backward(f.pass, x, f.y, dy, dstate.matrix(), &dx, gradient, *f.trace);

  const Sequences<double> x1 = slice_time(x, 0, 4), x2 = slice_time(x, 4, 9);
  const Sequences<double> dy1 = slice_time(dy, 0, 4), dy2 = slice_time(dy, 4, 9);
  Sequences<double> y1, y2, dx1, dx2;
  Tensor<double> state({2, 6}), carried({2, 6});
  std::vector<double> sum(f.weights.size());
  const auto trace1 = f.layer->make_trace(), trace2 = f.layer->make_trace();
  f.layer->forward(f.pass, x1, state.matrix(), y1, *trace1);
  f.layer->forward(f.pass, x2, state.matrix(), y2, *trace2);
  f.layer->backward(f.pass, x2, y2, dy2, carried.matrix(), &dx2, sum, *trace2);
  f.layer->backward(f.pass, x1, y1, dy1, carried.matrix(), &dx1, sum, *trace1);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(dx.at(b, t)[i], t < 4 ? dx1.at(b, t)[i] : dx2.at(b, t - 4)[i]);
  for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i], gradient[i], 1e-13);
}

TEST(Recurrent, WrongShapesAreNamed) {
  Fixture f(lstm(16, 4));
  const Sequences<double> x(std::vector<std::size_t>(8, 40), 12);
  try {
    f.forward(x);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "[recurrent.forward] expected x [T, B, 16], got [40, 8, 12]");
  }
}

TEST(Recurrent, BackwardNeedsATrainingPass) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({3}, 2), dy({3}, 3), dx;
  f.forward(x, false);
  Tensor<double> dstate({1, 6});
  std::vector<double> gradient(f.weights.size());
  EXPECT_THROW(f.layer->backward(f.pass, x, f.y, dy, dstate.matrix(), &dx, gradient, *f.trace), Error);
}

/// A pass for recordings keeps what happened, but nothing was zoned out in it.
TEST(Recurrent, BackwardThroughZoneoutNeedsATrainingPass) {
  Fixture f(std::make_unique<Recurrent<double>>(std::make_unique<LstmCell<double>>(2, 3),
                                                RecurrentOptions{.zoneout_hidden = 0.5}));
  Sequences<double> x({3}, 2), dy({3}, 3), dx;
  Tensor<double> state({1, 6}), dstate({1, 6});
  std::vector<double> gradient(f.weights.size());
  f.layer->forward({.pool = &f.pool, .record = true}, x, state.matrix(), f.y, *f.trace);
  EXPECT_THROW(f.layer->backward(f.pass, x, f.y, dy, dstate.matrix(), &dx, gradient, *f.trace), Error);
}

TEST(Recurrent, BackwardOfAnotherBatchThanTheLastIsRefused) {
  Fixture f(lstm(2, 3));
  Sequences<double> x({3, 2}, 2), longer({9, 2}, 2), y({9, 2}, 3), dx;
  f.forward(x, true);
  Tensor<double> dstate({2, 6});
  std::vector<double> gradient(f.weights.size());
  EXPECT_THROW(f.layer->backward(f.pass, longer, y, y, dstate.matrix(), &dx, gradient, *f.trace), Error);
}

TEST(Recurrent, ForgetGatesBeginOpen) {
  Fixture f(lstm(2, 3));
  f.layer->initialise(f.weights, 1);
  const double* b = f.weights.data() + 12 * 2 + 12 * 3;
  for (std::size_t j = 0; j < 12; ++j) EXPECT_EQ(b[j], j / 3 == 1 ? 1.0 : 0.0);
}

TEST(Dense, IsAnAffineMapAtEveryStep) {
  using enum kernels::ActivationKind;
  for (const kernels::ActivationKind kind : {identity, kernels::ActivationKind::tanh, sigmoid, relu}) {
    Fixture f(std::make_unique<Dense<double>>(3, 2, kernels::Activation{kind}));
    Sequences<double> x({2, 5}, 3);
    fill(x.values(), 2);
    f.forward(x);
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t o = 0; o < 2; ++o) {
        double v = f.weights[6 + o];
        for (std::size_t k = 0; k < 3; ++k) v += f.weights[o * 3 + k] * x.matrix()(r, k);
        if (kind == kernels::ActivationKind::tanh) v = std::tanh(v);
        if (kind == sigmoid) v = logistic(v);
        if (kind == relu) v = std::max(v, 0.0);
        EXPECT_NEAR(f.y.matrix()(r, o), v, 1e-15);
      }
  }
}

TEST(Dropout, ZeroesTheRightShareScalesTheRestAndBackwardUsesTheSameMask) {
  Fixture f(std::make_unique<Dropout<double>>(50, 0.3));
  Sequences<double> x({20, 30}, 50), dx;
  std::ranges::fill(x.values(), 1.0);
  f.forward(x, true);
  std::size_t zeros = 0;
  for (double v : f.y.values()) {
    if (v == 0)
      ++zeros;
    else
      EXPECT_DOUBLE_EQ(v, 1 / 0.7);
  }
  EXPECT_NEAR(static_cast<double>(zeros) / 2500, 0.3, 0.03);
  Tensor<double> dstate({2, 0});
  f.layer->backward(f.pass, x, f.y, x, dstate.matrix(), &dx, {}, *f.trace);
  for (std::size_t i = 0; i < 2500; ++i) EXPECT_EQ(dx.values()[i], f.y.values()[i]);
}

TEST(Dropout, AnotherUpdateHasAnotherMaskAndPredictionHasNone) {
  Fixture f(std::make_unique<Dropout<double>>(8, 0.5));
  Sequences<double> x({16}, 8);
  std::ranges::fill(x.values(), 1.0);
  f.forward(x, true);
  const Sequences<double> first = f.y;
  f.pass.update = 1;
  f.layer->forward(f.pass, x, f.state.matrix(), f.y, *f.trace);
  EXPECT_FALSE(std::ranges::equal(first.values(), f.y.values()));
  f.forward(x, false);
  EXPECT_TRUE(std::ranges::equal(x.values(), f.y.values()));
}

TEST(Dropout, TheMaskOfASequenceDoesNotDependOnTheOthersLengths) {
  Sequences<double> x({2, 6, 3}, 9), other({8, 6}, 9);
  std::ranges::fill(x.values(), 1.0);
  std::ranges::fill(other.values(), 1.0);
  Fixture f(std::make_unique<Dropout<double>>(9, 0.5)), g(std::make_unique<Dropout<double>>(9, 0.5));
  f.forward(x, true);
  g.forward(other, true);
  for (std::size_t t = 0; t < 6; ++t) EXPECT_TRUE(std::ranges::equal(f.y.at(1, t), g.y.at(1, t))) << t;
  for (std::size_t t = 0; t < 2; ++t) EXPECT_FALSE(std::ranges::equal(f.y.at(0, t), f.y.at(1, t))) << t;
}

TEST(Reversed, IsTheLayerOnTheSequenceBackToFront) {
  Fixture plain(lstm(2, 3));
  Fixture reversed(std::make_unique<Reversed<double>>(lstm(2, 3)));
  Sequences<double> x({5, 0, 3}, 2), back;
  fill(x.values(), 2);
  reverse_time(x, back);
  EXPECT_EQ(x.at(2, 0)[1], back.at(2, 2)[1]);
  plain.forward(back);
  reversed.forward(x);
  for (std::size_t b : {0, 2})
    for (std::size_t t = 0, length = x.layout().length(b); t < length; ++t)
      for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(reversed.y.at(b, t)[j], plain.y.at(b, length - 1 - t)[j]);
}

TEST(Bidirectional, MergesTheTwoDirections) {
  Sequences<double> x({4, 2}, 2);
  fill(x.values(), 2);
  Fixture concat(std::make_unique<Bidirectional<double>>(lstm(2, 3), lstm(2, 3), Merge::concat));
  Fixture sum(std::make_unique<Bidirectional<double>>(lstm(2, 3), lstm(2, 3), Merge::sum));
  Fixture mean(std::make_unique<Bidirectional<double>>(lstm(2, 3), lstm(2, 3), Merge::mean));
  for (Fixture* f : {&concat, &sum, &mean}) f->forward(x);
  ASSERT_EQ(concat.y.features(), 6u);
  for (std::size_t r = 0; r < x.rows(); ++r)
    for (std::size_t j = 0; j < 3; ++j) {
      const double a = concat.y.matrix()(r, j), b = concat.y.matrix()(r, 3 + j);
      EXPECT_EQ(sum.y.matrix()(r, j), a + b);
      EXPECT_EQ(mean.y.matrix()(r, j), (a + b) / 2);
    }
}

TEST(Residual, AddsItsInput) {
  Fixture plain(std::make_unique<Dense<double>>(3, 3));
  Fixture residual(std::make_unique<Residual<double>>(std::make_unique<Dense<double>>(3, 3)));
  Sequences<double> x({4}, 3);
  fill(x.values(), 2);
  plain.forward(x);
  residual.forward(x);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(residual.y.values()[i], plain.y.values()[i] + x.values()[i]);
}

}  // namespace
}  // namespace carousel
