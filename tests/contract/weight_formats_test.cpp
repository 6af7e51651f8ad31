// One answer with weights in fewer bits: the outputs and states of every member do not depend on threads,
// batch mates, chunking, stepping or the instruction set.
#include <carousel/error.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "contract/problem.h"
#include "kernels/kernel_testing.h"
#include "support/count_allocations.h"

namespace carousel::testing {
namespace {

/// A problem whose network is for inference, with its weights in a format.
Problem<float> in_format(const Member& member, WeightFormat format, std::vector<std::size_t> lengths) {
  Problem<float> problem(member, std::move(lengths));
  problem.network.pack({format, false});
  return problem;
}

/// What inference alone gives.
Outcome<float> infer(const Problem<float>& problem, std::size_t threads) {
  return problem.run(threads, false);
}

class WeightFormats : public ::testing::TestWithParam<std::tuple<Member, WeightFormat>> {
 protected:
  const Member& member() const { return std::get<0>(GetParam()); }
  Problem<float> problem(std::vector<std::size_t> lengths) const {
    return in_format(member(), std::get<1>(GetParam()), std::move(lengths));
  }
};

TEST_P(WeightFormats, ThreadsDoNotShow) {
  const Problem<float> whole = problem(ragged(33, 90));
  const Outcome<float> one = infer(whole, 1);
  for (const std::size_t threads : {2, 3, 8})
    expect_same(one, infer(whole, threads), std::to_string(threads));
}

TEST_P(WeightFormats, BatchMatesDoNotShow) {
  const Problem<float> whole = problem(ragged(33));
  const Outcome<float> together = infer(whole, 1);
  for (std::size_t b = 0; b < 33; ++b) {
    Problem<float> alone = problem({whole.x.layout().length(b)});
    copy_sequence(whole.x, b, alone.x, 0);
    std::ranges::copy(whole.state.matrix().row_span(b), alone.state.data());
    const Outcome<float> single = infer(alone, 1);
    EXPECT_TRUE(same_bits(single.state.span(), together.state.matrix().row_span(b))) << b;
    expect_same_sequence(single.y, 0, together.y, b, "sequence " + std::to_string(b));
  }
}

TEST_P(WeightFormats, ChunksDoNotShow) {
  const Problem<float> whole = problem(ragged(33));
  if (!whole.network.causal()) return;  // needs the whole sequence
  const Outcome<float> expected = infer(whole, 1);
  ThreadPool pool(1);
  const auto trace = whole.network.make_trace();
  for (const std::size_t chunk : {1, 2, 5}) {
    Tensor<float> state = whole.state;
    for (std::size_t begin = 0; begin < whole.x.layout().time(); begin += chunk) {
      const Sequences<float> x = slice_time(whole.x, begin, begin + chunk);
      Sequences<float> y;
      whole.network.forward({.pool = &pool}, x, state.matrix(), y, *trace);
      for (std::size_t b = 0; b < 33; ++b)
        for (std::size_t t = 0; t < x.layout().length(b); ++t)
          EXPECT_TRUE(same_bits(y.at(b, t), expected.y.at(b, begin + t))) << chunk << ", " << b;
    }
    EXPECT_TRUE(same_bits(state.span(), expected.state.span())) << chunk;
  }
}

TEST_P(WeightFormats, StepsDoNotShowAndAllocateNothing) {
  const Problem<float> whole = problem(std::vector<std::size_t>(7, 6));
  if (!whole.network.causal()) return;
  const Outcome<float> expected = infer(whole, 1);
  Tensor<float> state = whole.state, x({7, whole.network.inputs()}), y({7, whole.network.outputs()});
  AlignedVector<float> scratch(whole.network.step_scratch(7));
  std::size_t allocated = 0;
  for (std::size_t t = 0; t < 6; ++t) {
    for (std::size_t b = 0; b < 7; ++b) std::ranges::copy(whole.x.at(b, t), x.matrix().row(b));
    const std::size_t before = allocations();
    whole.network.step(x.matrix(), state.matrix(), y.matrix(), scratch.data());
    allocated += allocations() - before;
    for (std::size_t b = 0; b < 7; ++b)
      EXPECT_TRUE(same_bits(std::as_const(y).matrix().row_span(b), expected.y.at(b, t)))
          << b << ", step " << t;
  }
  EXPECT_TRUE(same_bits(state.span(), expected.state.span()));
  EXPECT_EQ(allocated, 0u);
}

TEST_P(WeightFormats, InstructionSetsDoNotShow) {
  const Outcome<float> best = infer(problem(ragged(9)), 1);
  for (const std::string& target : kernels::available_targets()) {
    const kernels::ForcedTarget forced(target);
    expect_same(best, infer(problem(ragged(9)), 1), target);
  }
}

/// Weights in fewer bits are floats: in bf16 a network computes as one in float32 that has them, to the bit;
/// in int8 it differs by the rounding of x and h to 16 bits.
TEST_P(WeightFormats, TheWeightsAreThoseOfAFloatNetwork) {
  const Problem<float> reduced = problem(ragged(9));
  Problem<float> plain = problem(ragged(9));
  plain.network.pack({WeightFormat::float32, false});
  plain.network.set_weights(reduced.network.weights());
  const Outcome<float> a = infer(reduced, 1), b = infer(plain, 1);
  if (std::get<1>(GetParam()) == WeightFormat::bf16) return expect_same(a, b, "bf16");
  if (std::ranges::none_of(plain.network.parameters().all(), &Parameter::matrix))
    return expect_same(a, b, "no matrices, nothing to reduce");
  for (std::size_t i = 0; i < a.y.values().size(); ++i)
    EXPECT_NEAR(a.y.values()[i], b.y.values()[i], 1e-3) << i;
  EXPECT_FALSE(same_bits(a.y.values(), b.y.values())) << "int8 seems not to be used";
}

/// Only matrices of products are rounded, and all of them.
TEST_P(WeightFormats, BiasesStayAsTheyAre) {
  Problem<float> before = problem({1}), after = problem({1});
  before.network.pack({WeightFormat::float32, false});
  before.network.update_weights([](std::span<float> weights) { fill(weights, 8); });
  after.network.update_weights([](std::span<float> weights) { fill(weights, 8); });
  for (const Parameter& parameter : before.network.parameters().all()) {
    const auto part = [&](const Problem<float>& of) {
      return of.network.weights().subspan(parameter.offset, parameter.shape.size());
    };
    const std::string word = parameter.name.substr(parameter.name.rfind('.') + 1);
    const bool is_factor = word == "W" || word == "R" || word == "P" || word == "Q" || word == "W_p";
    const bool same = static_cast<bool>(same_bits(part(before), part(after)));
    EXPECT_EQ(same, !is_factor) << parameter.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Members, WeightFormats,
                         ::testing::Combine(::testing::ValuesIn(members()),
                                            ::testing::Values(WeightFormat::bf16, WeightFormat::int8)),
                         [](const auto& of) {
                           return std::string(std::get<0>(of.param).name) + "_" + name(std::get<1>(of.param));
                         });

/// Whatever the threads share.
TEST(WeightFormatSchedules, DoNotShow) {
  for (const WeightFormat format : {WeightFormat::bf16, WeightFormat::int8})
    for (const auto& [spec, by] :
         {std::pair("bidirectional(lstm 192)", SharedBy::directions), std::pair("lstm 200", SharedBy::units),
          std::pair("gru 224", SharedBy::units), std::pair("lstm 96, lstm 80", SharedBy::layers)})
      for (const std::size_t batch : {1, 2, 12, 19}) {
        const Problem<float> problem = in_format({"large", spec, 5}, format, ragged(batch, 12));
        ASSERT_TRUE(batch > 1 || problem.network.schedule({2, 1}).by == by) << spec;
        const Outcome<float> one = infer(problem, 1);
        for (const std::size_t threads : {2, 3, 8})
          expect_same(one, infer(problem, threads),
                      name(format) + ", " + std::to_string(threads) + " threads");
      }
}

TEST(WeightFormatSchedules, ANetworkForInferenceRefusesToLearn) {
  Network<float> network("lstm 4, dense 1", 2, 1);
  network.pack({WeightFormat::float32, false});
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  const Sequences<float> x({3}, 2);
  Sequences<float> y;
  Tensor<float> state({1, network.state_size()});
  std::vector<float> gradient(network.weights().size());
  const auto trace = network.make_trace();
  network.forward(pass, x, state.matrix(), y, *trace);
  const auto backward = [&] { network.backward(pass, x, y, y, state.matrix(), nullptr, gradient, *trace); };
  EXPECT_THROW(backward(), Error);
  network.pack({});
  EXPECT_NO_THROW(backward());
}

TEST(WeightFormatSchedules, DoubleHasNoShorterFormat) {
  Network<double> network("lstm 4, dense 1", 2, 1);
  EXPECT_THROW(network.pack({WeightFormat::int8, false}), SettingError);
  EXPECT_THROW(network.pack({WeightFormat::bf16, false}), SettingError);
}

}  // namespace
}  // namespace carousel::testing
