// A gradient that is cut every so many steps is that of passes which are so many steps long, each from the
// state that the one before left.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/thread_pool.h"
#include "contract/problem.h"

namespace carousel::testing {
namespace {

/// conv1d looks back at inputs, through which the gradient goes uncut: that is no recurrence.
std::vector<Member> members_with_memory() {
  std::vector<Member> all;
  for (const auto& some : {lstm_members(), regularised_members(), space_members(), relative_members(),
                           composed_members(), wired_members()})
    std::ranges::copy_if(some, std::back_inserter(all), [](const Member& member) {
      if (member.spec.find("conv1d") != std::string::npos) return false;
      const Network<double> network(member.spec, member.inputs, 1);
      return network.causal() && network.state_size() > 0 && network.output_length(100) == 100;
    });
  return all;
}

/// `problem` in passes of so many steps.
Outcome<double> in_passes(const Problem<double>& problem, Pass pass, std::size_t steps) {
  const SequenceLayout& layout = problem.x.layout();
  const Network<double>& network = problem.network;
  Outcome<double> out;
  out.state = problem.state;
  out.dstate = problem.dstate;
  out.gradient.assign(network.weights().size(), 0.0);
  out.dx.reshape(problem.x.layout_pointer(), network.inputs());
  out.y.reshape(problem.dy.layout_pointer(), network.outputs());
  for (pass.first_step = 0; pass.first_step < layout.time(); pass.first_step += steps) {
    const LayoutPointer part = slice_layout(layout, pass.first_step, pass.first_step + steps);
    Sequences<double> x, y, dy, dx;
    x.reshape(part, network.inputs());
    dy.reshape(part, network.outputs());
    copy_steps(problem.x, pass.first_step, x);
    copy_steps(problem.dy, pass.first_step, dy);
    const auto trace = network.make_trace();
    network.forward(pass, x, out.state.matrix(), y, *trace);
    Tensor<double> dstate = problem.dstate;
    for (std::size_t b = 0; b < layout.batch(); ++b)
      if (layout.length(b) > pass.first_step + steps) std::ranges::fill(dstate.matrix().row_span(b), 0.0);
    network.backward(pass, x, y, dy, dstate.matrix(), &dx, out.gradient, *trace);
    if (pass.first_step == 0) out.dstate = dstate;
    for (std::size_t b = 0; b < layout.batch(); ++b)
      for (std::size_t t = 0; t < part->length(b); ++t) {
        std::ranges::copy(dx.at(b, t), out.dx.at(b, pass.first_step + t).begin());
        std::ranges::copy(y.at(b, t), out.y.at(b, pass.first_step + t).begin());
      }
  }
  return out;
}

void expect_near(std::span<const double> expected, std::span<const double> found, const char* what) {
  ASSERT_EQ(expected.size(), found.size());
  double largest = 1;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(expected[i], found[i], 1e-12 * largest) << what << ", " << i;
}

class Truncation : public ::testing::TestWithParam<Member> {};

TEST_P(Truncation, IsThatOfPassesOfSoManySteps) {
  const Problem<double> problem(GetParam(), {41, 0, 7, 70, 1, 41});
  ThreadPool pool(1);
  const Pass whole{.pool = &pool, .training = true, .seed = 1, .update = 7};
  for (const std::size_t steps : {1, 5, 40}) {
    Pass cut = whole;
    cut.truncate = steps;
    const Outcome<double> expected = in_passes(problem, whole, steps), found = problem.run(cut);
    EXPECT_TRUE(same_bits(expected.y.values(), found.y.values()));
    EXPECT_TRUE(same_bits(expected.state.span(), found.state.span()));
    expect_near(expected.dx.values(), found.dx.values(), "gradient on the inputs");
    expect_near(expected.dstate.span(), found.dstate.span(), "gradient on the initial states");
    expect_near(expected.gradient, found.gradient, "gradient");
  }
}

INSTANTIATE_TEST_SUITE_P(Members, Truncation, ::testing::ValuesIn(members_with_memory()),
                         member_name<::testing::TestParamInfo<Member>>);

}  // namespace
}  // namespace carousel::testing
