// One answer: the bits of every member's outputs, states and gradients do not depend on threads, batch mates,
// order, chunking, stepping or the instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "contract/members.h"
#include "contract/problem.h"
#include "kernels/kernel_testing.h"
#include "support/count_allocations.h"

namespace carousel::testing {
namespace {

/// Sequences of one step each stand behind a pool of all: the caller's order is the order of the sums there.
bool has_weights_behind_whole_sequences(const Member& member) {
  return member.spec.find("window=all, dense") != std::string::npos ||
         member.spec.find("window=all), dense") != std::string::npos;
}

/// Masks belong to a place in the batch, so that a sequence elsewhere has others.
bool has_masks(const Member& member) {
  return member.spec.find("dropout") != std::string::npos || member.spec.find("zoneout") != std::string::npos;
}

/// The members at widths where, with long sequences, every layer's work is worth several threads. Widths are
/// the whole numbers by place.
Member widened(Member member) {
  std::string& spec = member.spec;
  for (std::size_t at = 1; at < spec.size(); ++at) {
    const bool begins = spec[at - 1] == ' ' && std::isdigit(static_cast<unsigned char>(spec[at]));
    if (begins && (at + 1 >= spec.size() || spec[at + 1] != '.')) spec.insert(at + 1, "6");
  }
  return member;
}

class Contract : public ::testing::TestWithParam<Member> {};

template <class T>
void threads_do_not_show(const Member& member) {
  const Problem<T> problem(widened(member), ragged(33, 8));
  for (const bool training : {true, false}) {
    const Outcome<T> one = problem.run(1, training);
    for (std::size_t threads : {2, 3, 8})
      expect_same(one, problem.run(threads, training), std::to_string(threads) + " threads");
  }
}
TEST_P(Contract, ThreadsDoNotShow) {
  threads_do_not_show<float>(GetParam());
  threads_do_not_show<double>(GetParam());
}

template <class T>
void batch_mates_do_not_show(const Member& member) {
  const Problem<T> whole(member, ragged(33));
  const bool training = !has_masks(member);
  const Outcome<T> together = whole.run(1, training);
  for (std::size_t b = 0; b < 33; ++b) {
    const std::size_t length = whole.x.layout().length(b);
    Problem<T> alone(member, {length});
    copy_sequence(whole.x, b, alone.x, 0);
    copy_sequence(whole.dy, b, alone.dy, 0);
    std::ranges::copy(whole.state.matrix().row_span(b), alone.state.data());
    std::ranges::copy(whole.dstate.matrix().row_span(b), alone.dstate.data());
    const Outcome<T> single = alone.run(1, training);
    const std::string what = "sequence " + std::to_string(b);
    EXPECT_TRUE(same_bits(single.state.span(), together.state.matrix().row_span(b))) << what;
    if (training) {
      EXPECT_TRUE(same_bits(single.dstate.span(), together.dstate.matrix().row_span(b))) << what;
    }
    expect_same_sequence(single.y, 0, together.y, b, what);
    if (training) expect_same_sequence(single.dx, 0, together.dx, b, what + ", gradient");
  }
}
TEST_P(Contract, BatchMatesDoNotShow) {
  batch_mates_do_not_show<float>(GetParam());
  batch_mates_do_not_show<double>(GetParam());
}

/// The same sequences from last to first. No two are of one length, so that the engine's own order, and with
/// it the order in which the weights' gradients are summed, is the same; but where a layer makes one step of
/// any sequence, the caller's order is the order of the sums behind it (ARCHITECTURE.md, "One answer").
template <class T>
void order_does_not_show(const Member& member) {
  const std::vector<std::size_t> lengths = {9, 0, 27, 120, 3, 60, 450},
                                 turned(lengths.rbegin(), lengths.rend());
  const Problem<T> problem(member, lengths);
  Problem<T> other(member, turned);
  const std::size_t last = lengths.size() - 1;
  for (std::size_t b = 0; b <= last; ++b) {
    copy_sequence(problem.x, b, other.x, last - b);
    copy_sequence(problem.dy, b, other.dy, last - b);
    std::ranges::copy(problem.state.matrix().row_span(b), other.state.matrix().row(last - b));
    std::ranges::copy(problem.dstate.matrix().row_span(b), other.dstate.matrix().row(last - b));
  }
  const bool training = !has_masks(member);
  const Outcome<T> a = problem.run(1, training), z = other.run(1, training);
  if (!has_weights_behind_whole_sequences(member)) {
    EXPECT_TRUE(same_bits(a.gradient, z.gradient)) << "gradient";
  }
  for (std::size_t b = 0; b <= last; ++b) {
    EXPECT_TRUE(same_bits(a.state.matrix().row_span(b), z.state.matrix().row_span(last - b))) << b;
    expect_same_sequence(a.y, b, z.y, last - b, "sequence " + std::to_string(b));
  }
}
TEST_P(Contract, OrderDoesNotShow) {
  order_does_not_show<float>(GetParam());
  order_does_not_show<double>(GetParam());
}

template <class T>
void chunks_do_not_show(const Member& member) {
  const Problem<T> problem(member, ragged(33));
  if (!problem.network.causal()) return;  // needs the whole sequence; that it is refused is tested below
  const Outcome<T> whole = problem.run(1, false);
  ThreadPool pool(1);
  for (std::size_t chunk : {1, 2, 5}) {
    Tensor<T> state = problem.state;
    const auto trace = problem.network.make_trace();
    Sequences<T> y;
    for (std::size_t begin = 0; begin < problem.x.layout().time(); begin += chunk) {
      const Sequences<T> x = slice_time(problem.x, begin, begin + chunk);
      problem.network.forward({.pool = &pool}, x, state.matrix(), y, *trace);
      for (std::size_t b = 0; b < 33; ++b)
        for (std::size_t t = 0; t < x.layout().length(b); ++t)
          EXPECT_TRUE(same_bits(y.at(b, t), whole.y.at(b, begin + t)))
              << "chunks of " << chunk << ", sequence " << b;
    }
    EXPECT_TRUE(same_bits(state.span(), whole.state.span())) << "chunks of " << chunk;
  }
}
TEST_P(Contract, ChunksDoNotShow) {
  chunks_do_not_show<float>(GetParam());
  chunks_do_not_show<double>(GetParam());
}

template <class T>
void steps_do_not_show(const Member& member) {
  const Problem<T> problem(member, std::vector<std::size_t>(33, 6));
  if (!problem.network.causal()) return;
  const Outcome<T> whole = problem.run(1, false);
  const std::size_t F = problem.x.features(), O = problem.network.outputs(), S = problem.network.state_size();
  for (std::size_t streams : {1, 2, 7, 33}) {
    Tensor<T> state({streams, S}), x({streams, F}), y({streams, O});
    std::copy_n(problem.state.data(), state.size(), state.data());
    std::vector<T> scratch(problem.network.step_scratch(streams));
    for (std::size_t t = 0; t < 6; ++t) {
      for (std::size_t b = 0; b < streams; ++b) std::ranges::copy(problem.x.at(b, t), x.matrix().row(b));
      problem.network.step(x.matrix(), state.matrix(), y.matrix(), scratch.data());
      for (std::size_t b = 0; b < streams; ++b)
        EXPECT_TRUE(same_bits(y.matrix().row_span(b), whole.y.at(b, t)))
            << streams << " streams, sequence " << b << ", step " << t;
    }
    EXPECT_TRUE(same_bits(state.span(), std::as_const(whole.state).span().first(state.size()))) << streams;
  }
}
TEST_P(Contract, StepsDoNotShow) {
  steps_do_not_show<float>(GetParam());
  steps_do_not_show<double>(GetParam());
}

/// Relatives compute over blocks of steps: 32 of min_lstm and min_gru, 16 of mlstm. Cut at their ends, beside
/// them and in the middle, in chunks and step by step by turns.
template <class T>
void blocks_do_not_show(const char* spec) {
  const Problem<T> problem({"blocks", spec, 3}, {100, 100, 100});
  const Outcome<T> whole = problem.run(1, false);
  ThreadPool pool(1);
  const auto trace = problem.network.make_trace();
  Sequences<T> y;
  Tensor<T> out({3, problem.network.outputs()}), x({3, 3});
  std::vector<T> scratch(problem.network.step_scratch(3));
  for (const std::size_t chunk : {7, 15, 16, 17, 31, 32, 33}) {
    Tensor<T> state = problem.state;
    for (std::size_t t = 0; t < 100;) {
      const Sequences<T> part = slice_time(problem.x, t, t + chunk);
      problem.network.forward({.pool = &pool}, part, state.matrix(), y, *trace);
      for (std::size_t b = 0; b < 3; ++b)
        for (std::size_t at = 0; at < part.layout().time(); ++at)
          ASSERT_TRUE(same_bits(y.at(b, at), whole.y.at(b, t + at))) << spec << ", chunks of " << chunk;
      t += part.layout().time();
      for (std::size_t steps = 0; steps < 5 && t < 100; ++steps, ++t) {
        for (std::size_t b = 0; b < 3; ++b) std::ranges::copy(problem.x.at(b, t), x.matrix().row(b));
        problem.network.step(x.matrix(), state.matrix(), out.matrix(), scratch.data());
        for (std::size_t b = 0; b < 3; ++b)
          ASSERT_TRUE(same_bits(out.matrix().row_span(b), whole.y.at(b, t))) << spec << ", step " << t;
      }
    }
    EXPECT_TRUE(same_bits(state.span(), whole.state.span())) << spec << ", chunks of " << chunk;
  }
}
TEST(LongSequences, BlocksOfStepsDoNotShow) {
  for (const char* spec : {"min_lstm 5", "min_gru 21 candidate=positive", "mlstm 6 heads=2"}) {
    blocks_do_not_show<float>(spec);
    blocks_do_not_show<double>(spec);
  }
}

template <class T>
void instruction_sets_do_not_show(const Member& member) {
  const Outcome<T> best = Problem<T>(member, ragged(9)).run(1);
  for (const std::string& target : kernels::available_targets()) {
    const kernels::ForcedTarget forced(target);
    expect_same(best, Problem<T>(member, ragged(9)).run(1), target);
  }
}
TEST_P(Contract, InstructionSetsDoNotShow) {
  instruction_sets_do_not_show<float>(GetParam());
  instruction_sets_do_not_show<double>(GetParam());
}

TEST_P(Contract, ATraceUsedBeforeDoesNotShow) {
  const Problem<float> large(GetParam(), ragged(33)), small(GetParam(), ragged(5));
  const Outcome<float> fresh = small.run(1, false);
  ThreadPool pool(1);
  const auto trace = large.network.make_trace();
  Sequences<float> y;
  Tensor<float> state = large.state;
  large.network.forward({.pool = &pool, .training = true}, large.x, state.matrix(), y, *trace);
  state = small.state;
  small.network.forward({.pool = &pool}, small.x, state.matrix(), y, *trace);
  EXPECT_TRUE(same_bits(y.values(), fresh.y.values()));
}

TEST_P(Contract, KeepingTheTraceDoesNotShow) {
  const Problem<float> problem(GetParam(), ragged(33));
  const Outcome<float> plain = problem.run(1, false);
  ThreadPool pool(1);
  const auto trace = problem.network.make_trace();
  Sequences<float> y;
  for (const bool training : {false, true}) {
    if (training && has_masks(GetParam())) continue;
    Tensor<float> state = problem.state;
    problem.network.forward({.pool = &pool, .training = training, .record = true}, problem.x, state.matrix(),
                            y, *trace);
    EXPECT_TRUE(same_bits(y.values(), plain.y.values())) << (training ? "training" : "recorded");
    EXPECT_TRUE(same_bits(state.span(), plain.state.span())) << (training ? "training" : "recorded");
  }
}

TEST_P(Contract, APassOfAShapeHadBeforeAllocatesNothing) {
  const Problem<float> problem(GetParam(), ragged(9));
  ThreadPool pool(2);
  const auto trace = problem.network.make_trace();
  Outcome<float> out;
  out.gradient.resize(problem.network.weights().size());
  out.state = problem.state;
  out.dstate = problem.dstate;
  const auto pass = [&](bool training) {
    const Pass how{.pool = &pool, .training = training};
    problem.network.forward(how, problem.x, out.state.matrix(), out.y, *trace);
    if (training)
      problem.network.backward(how, problem.x, out.y, problem.dy, out.dstate.matrix(), &out.dx, out.gradient,
                               *trace);
  };
  pass(true);
  pass(false);
  const std::size_t before = allocations();
  pass(true);
  pass(false);
  EXPECT_EQ(allocations(), before);
  { const std::vector<float> probe(1000); }
  EXPECT_GT(allocations(), before) << "the counter does not count";
}

TEST_P(Contract, FloatAgreesWithDouble) {
  const Problem<double> exact(GetParam(), ragged(9));
  Problem<float> rounded(GetParam(), ragged(9));
  std::vector<float> weights(exact.network.weights().begin(), exact.network.weights().end());
  rounded.network.set_weights(weights);
  const Outcome<double> a = exact.run(1);
  const Outcome<float> b = rounded.run(1);
  for (std::size_t i = 0; i < a.y.values().size(); ++i)
    EXPECT_NEAR(a.y.values()[i], b.y.values()[i], 2e-6) << i;
  double largest = 0;
  for (double g : a.gradient) largest = std::max(largest, std::abs(g));
  for (std::size_t i = 0; i < a.gradient.size(); ++i)
    EXPECT_NEAR(a.gradient[i], b.gradient[i], 1e-5 * largest) << i;
}

INSTANTIATE_TEST_SUITE_P(Members, Contract, ::testing::ValuesIn(members()),
                         member_name<::testing::TestParamInfo<Member>>);

}  // namespace
}  // namespace carousel::testing
