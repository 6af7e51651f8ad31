#include "training/recomputation.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "support/same_bits.h"
#include "training/batch_runner.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using testing::same_bits;
using ::testing::ThrowsMessage;

struct Result {
  Sequences<double> y;
  Tensor<double> state, dstate;
  std::vector<double> gradient;
};

struct Problem {
  Problem(const std::string& spec, const std::vector<std::size_t>& lengths)
      : network(spec, 3, 5), x(lengths, 3), dy(x.layout_pointer(), network.outputs()) {
    state.resize({lengths.size(), network.state_size()});
    dstate.resize({lengths.size(), network.state_size()});
    std::uint64_t stream = 0;
    for (const std::span<double> values : {x.values(), dy.values(), state.span(), dstate.span()}) {
      const Random random(3, ++stream);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.uniform(i, -1.0, 1.0);
    }
  }

  Result run(bool recompute, std::size_t threads = 1, std::size_t truncate = 0) const {
    ThreadPool pool(threads);
    const Pass pass{.pool = &pool, .training = true, .truncate = truncate, .seed = 4, .update = 9};
    Result r{{}, state, dstate, std::vector<double>(network.weights().size())};
    const auto trace = network.make_trace();
    if (recompute) {
      Recomputation<double> recomputation;
      recomputation.forward(network, pass, x, r.state.matrix(), r.y, *trace);
      recomputation.backward(network, pass, x, dy, r.dstate.matrix(), r.gradient, *trace);
    } else {
      network.forward(pass, x, r.state.matrix(), r.y, *trace);
      network.backward(pass, x, r.y, dy, r.dstate.matrix(), nullptr, r.gradient, *trace);
    }
    return r;
  }

  Network<double> network;
  Sequences<double> x, dy;
  Tensor<double> state, dstate;
};

/// scans: a layer scans its gradient by blocks.
void expect_agree(const Result& whole, const Result& parts, bool scans = false) {
  EXPECT_TRUE(same_bits(whole.y.values(), parts.y.values())) << "outputs";
  EXPECT_TRUE(same_bits(whole.state.span(), parts.state.span())) << "final states";
  EXPECT_TRUE(scans || same_bits(whole.dstate.span(), parts.dstate.span()))
      << "gradient on the initial states";
  for (std::size_t i = 0; i < whole.dstate.size(); ++i)
    ASSERT_NEAR(whole.dstate[i], parts.dstate[i], 1e-13) << "gradient on the initial states";
  double largest = 0;
  for (const double g : whole.gradient) largest = std::max(largest, std::abs(g));
  EXPECT_GT(largest, 0);
  for (std::size_t i = 0; i < whole.gradient.size(); ++i)
    ASSERT_NEAR(whole.gradient[i], parts.gradient[i], 1e-13 * largest) << i;
}

TEST(Recomputation, IsAPassMadeWhole) {
  for (const char* spec :
       {"lstm 5", "lstm 6, dropout 0.3, residual(lstm 6, dense 6 tanh), dense 2",
        "conv1d 5 kernel=3 dilation=2, parallel(lstm 4, conv1d 2 kernel=4), layer_norm",
        "mlstm 4 heads=2, slstm 4 heads=2, rnn 3", "min_lstm 4, mlstm 4 heads=2, min_gru 5"})
    for (const std::size_t truncate : {0, 3, 7}) {
      const Problem ragged(spec, {100, 0, 37, 64, 1, 100}), one(spec, {10}), none(spec, {0, 0});
      for (const Problem* p : {&ragged, &one})
        expect_agree(p->run(false, 1, truncate), p->run(true, 1, truncate),
                     std::string_view(spec).starts_with("min_"));
      EXPECT_TRUE(same_bits(none.run(false).dstate.span(), none.run(true).dstate.span()));
    }
}

TEST(Recomputation, ThreadsDoNotShow) {
  const Problem problem("lstm 48, dense 2", {300, 7, 150, 299, 12});
  const Result one = problem.run(true);
  for (const std::size_t threads : {2, 3}) {
    const Result more = problem.run(true, threads);
    EXPECT_TRUE(same_bits(one.gradient, more.gradient)) << threads;
    EXPECT_TRUE(same_bits(one.dstate.span(), more.dstate.span())) << threads;
  }
}

TEST(Recomputation, WhatIsNoSymbolIsNamedByItsStepInTheWholeSequence) {
  const Network<double> network("embedding 4 3, lstm 2", 1);
  const auto loss = make_loss<double>("mse", {});
  NetworkRunner<double> runner(network, *loss, true);
  Batch<double> batch{Sequences<double>({20}, 1), Sequences<double>({20}, 2), {}};
  batch.x.at(0, 17)[0] = 9;
  EXPECT_THAT([&] { runner.begin(batch); }, ThrowsMessage<Error>(HasSubstr("at step 17 of sequence 0")));
}

}  // namespace
}  // namespace carousel
