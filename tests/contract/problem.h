// A network with inputs, states and gradients from above, and everything that a pass through it gives.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/members.h"
#include "model/network.h"
#include "support/same_bits.h"

namespace carousel::testing {

/// Lengths from 0 to 11 * scale, in no order.
inline std::vector<std::size_t> ragged(std::size_t batch, std::size_t scale = 1) {
  std::vector<std::size_t> lengths(batch);
  for (std::size_t b = 0; b < batch; ++b) lengths[b] = (b * 7 + 5) % 12 * scale;
  return lengths;
}

/// Everything that one forward and backward pass gives.
template <class T>
struct Outcome {
  Sequences<T> y, dx;
  Tensor<T> state, dstate;
  std::vector<T> gradient;
};

template <class T>
void fill(std::span<T> values, std::uint64_t stream) {
  const Random random(21, stream);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(random.uniform(i, -1.0, 1.0));
}

/// Of the outputs that the network makes of such sequences.
template <class T>
std::vector<std::size_t> output_lengths(const Network<T>& network, std::vector<std::size_t> lengths) {
  for (std::size_t& length : lengths) length = network.output_length(length);
  return lengths;
}

template <class T>
struct Problem {
  Problem(const Member& member, std::vector<std::size_t> lengths)
      : network(member.spec, member.inputs, 5),
        x(lengths, member.inputs),
        dy(output_lengths(network, lengths), network.outputs()) {
    state.resize({lengths.size(), network.state_size()});
    dstate.resize({lengths.size(), network.state_size()});
    fill_inputs(member, x.values(), 21);
    fill(dy.values(), 2);
    fill_states(member, state.span(), Random(21, 3), 1.0);
    fill(dstate.span(), 4);
  }

  Outcome<T> run(std::size_t threads, bool training = true) const {
    ThreadPool pool(threads);
    return run({.pool = &pool, .training = training, .seed = 1, .update = 7});
  }
  Outcome<T> run(const Pass& pass) const {
    Outcome<T> out;
    out.state = state;
    const auto trace = network.make_trace();
    network.forward(pass, x, out.state.matrix(), out.y, *trace);
    if (!pass.training) return out;
    out.dstate = dstate;
    out.gradient.assign(network.weights().size(), T(0));
    network.backward(pass, x, out.y, dy, out.dstate.matrix(), &out.dx, out.gradient, *trace);
    return out;
  }

  Network<T> network;
  Sequences<T> x, dy;
  Tensor<T> state, dstate;
};

template <class T>
void expect_same(const Outcome<T>& a, const Outcome<T>& b, const std::string& what) {
  EXPECT_TRUE(same_bits(a.y.values(), b.y.values())) << what << ": outputs";
  EXPECT_TRUE(same_bits(a.state.span(), b.state.span())) << what << ": final states";
  EXPECT_TRUE(same_bits(a.dx.values(), b.dx.values())) << what << ": gradient on the inputs";
  EXPECT_TRUE(same_bits(a.dstate.span(), b.dstate.span())) << what << ": gradient on the initial states";
  EXPECT_TRUE(same_bits(std::span<const T>(a.gradient), std::span<const T>(b.gradient)))
      << what << ": gradient";
}

template <class T>
void copy_sequence(const Sequences<T>& from, std::size_t b, Sequences<T>& to, std::size_t at) {
  for (std::size_t t = 0; t < from.layout().length(b); ++t)
    std::ranges::copy(from.at(b, t), to.at(at, t).begin());
}

template <class T>
void expect_same_sequence(const Sequences<T>& one, std::size_t b, const Sequences<T>& other, std::size_t at,
                          const std::string& what) {
  ASSERT_EQ(one.layout().length(b), other.layout().length(at)) << what;
  for (std::size_t t = 0; t < one.layout().length(b); ++t)
    EXPECT_TRUE(same_bits(one.at(b, t), other.at(at, t))) << what << ", step " << t;
}

}  // namespace carousel::testing
