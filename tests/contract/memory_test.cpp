// What a training pass may hold: NUMERICS and speed promise at most (10 H + F) T B values a layer, or about
// sqrt(T) of them with recomputation.
#include <fmt/format.h>

#include "contract/problem.h"
#include "model/encoder_decoder.h"
#include "support/count_allocations.h"
#include "training/recomputation.h"

namespace carousel::testing {
namespace {

/// Bytes that forward and backward need on top of the network, its input and its gradient from above.
std::size_t bytes_of_a_pass(const Problem<float>& problem, bool recompute) {
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  std::vector<float> gradient(problem.network.weights().size());
  Tensor<float> state = problem.state, dstate = problem.dstate;
  reset_most_bytes();
  const std::size_t before = bytes_in_use();
  const auto trace = problem.network.make_trace();
  Sequences<float> y;
  if (recompute) {
    Recomputation<float> recomputation;
    recomputation.forward(problem.network, pass, problem.x, state.matrix(), y, *trace);
    recomputation.backward(problem.network, pass, problem.x, problem.dy, dstate.matrix(), gradient, *trace);
  } else {
    problem.network.forward(pass, problem.x, state.matrix(), y, *trace);
    problem.network.backward(pass, problem.x, y, problem.dy, dstate.matrix(), nullptr, gradient, *trace);
  }
  return most_bytes_in_use() - before;
}

TEST(Memory, OfATrainingPassIsAtMostTenHPlusFAStep) {
  constexpr std::size_t H = 32, F = 8, B = 4, T = 4000;
  const Problem<float> one({"one", "lstm 32", F}, std::vector<std::size_t>(B, T));
  EXPECT_LT(bytes_of_a_pass(one, false), (10 * H + F) * T * B * sizeof(float));
  const Problem<float> three({"three", "lstm 32, lstm 32, lstm 32", F}, std::vector<std::size_t>(B, T));
  EXPECT_LT(bytes_of_a_pass(three, false), (10 * H + F + 2 * (10 * H + H)) * T * B * sizeof(float));
}

/// An mlstm's matrices, 4 kB each here, are kept for some steps only.
TEST(Memory, OfRelativesIsNoMore) {
  constexpr std::size_t H = 32, F = 8, B = 4, T = 4000;
  for (const char* layer : {"min_lstm 32", "min_gru 32", "mlstm 32", "slstm 32 heads=2", "rnn 32"}) {
    const Problem<float> one({"one", layer, F}, std::vector<std::size_t>(B, T));
    EXPECT_LT(bytes_of_a_pass(one, false), (10 * H + F) * T * B * sizeof(float)) << layer;
  }
}

/// A matrix takes as much as what is kept of 100 steps: it is kept of few, and of sequences that come so far.
TEST(Memory, OfAnMlstmIsNoMoreWithWideHeadsOrARaggedBatch) {
  constexpr std::size_t F = 8;
  const auto expect_few = [](std::size_t hidden, const std::vector<std::size_t>& lengths) {
    const Problem<float> problem({"wide", fmt::format("mlstm {}", hidden), F}, lengths);
    EXPECT_LT(bytes_of_a_pass(problem, false), (10 * hidden + F) * problem.x.rows() * sizeof(float));
  };
  expect_few(512, {2600, 2600, 2600, 2600});
  std::vector<std::size_t> ragged(32, 64);
  ragged[5] = 8000;
  expect_few(128, ragged);
}

/// A decoder's steps are passes of their own: of an mlstm, each keeps the matrices before it, and them once.
TEST(Memory, OfADecoderIsAStateAStepAndLittleMore) {
  constexpr std::size_t B = 32, F = 4, kSymbols = 20, kSteps = 20;
  const EncoderDecoder<float> model(
      "encoder_decoder(encoder(lstm 8), decoder(mlstm 256)) symbols=20 embedding=8 bridge=none", F, 5);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  Sequences<float> x(std::vector<std::size_t>(B, 5), F), logits;
  fill(x.values(), 1);
  const Sequences<float> targets(std::vector<std::size_t>(B, kSteps - 1), 1);
  Sequences<float> dlogits(std::vector<std::size_t>(B, kSteps), kSymbols + 1);
  fill(dlogits.values(), 2);
  std::vector<float> gradient(model.weights().size());
  reset_most_bytes();
  const std::size_t before = bytes_in_use();
  EncoderDecoderTrace<float> trace = model.make_trace();
  model.forward(pass, x, targets, 0, logits, trace);
  model.backward(pass, x, dlogits, nullptr, gradient, trace);
  EXPECT_LT(most_bytes_in_use() - before, kSteps * B * model.decoder().state_size() * sizeof(float) * 2);
}

/// Asked for the last state alone, md_lstm holds diagonals; a cell of every position and direction is 4 MB
/// here.
TEST(Memory, OfMdLstmIsInProportionToWhatIsAskedFor) {
  constexpr std::size_t kSide = 128, H = 32, kDirections = 4;
  const auto bytes = [](const std::string& output) {
    const Problem<float> problem({"md", "md_lstm 32 size=128x128 output=" + output, kSide * kSide}, {1});
    ThreadPool pool(1);
    Tensor<float> state = problem.state;
    reset_most_bytes();
    const std::size_t before = bytes_in_use();
    const auto trace = problem.network.make_trace();
    Sequences<float> y;
    problem.network.forward({.pool = &pool}, problem.x, state.matrix(), y, *trace);
    return most_bytes_in_use() - before;
  };
  constexpr std::size_t kAll = kSide * kSide * H * kDirections * sizeof(float);
  EXPECT_LT(bytes("last"), kAll / 4);
  EXPECT_GE(bytes("all"), kAll);             // which is the output itself
  EXPECT_LT(bytes("all"), kAll + kAll / 2);  // huge pages are of 2 MiB
}

TEST(Memory, WithRecomputationGrowsWithTheRootOfT) {
  const auto bytes = [](std::size_t time) {
    const Problem<float> problem({"deep", "lstm 32, lstm 32, dense 1", 8}, std::vector<std::size_t>(4, time));
    const std::size_t outputs = time * 4 * sizeof(float);  // which the caller has asked for
    return bytes_of_a_pass(problem, true) - outputs;
  };
  const std::size_t short_pass = bytes(4096), long_pass = bytes(16 * 4096);
  EXPECT_LT(long_pass, 5 * short_pass);
  EXPECT_GT(bytes_of_a_pass(
                Problem<float>({"deep", "lstm 32, lstm 32, dense 1", 8}, {4096, 4096, 4096, 4096}), false),
            10 * short_pass);
}

}  // namespace
}  // namespace carousel::testing
