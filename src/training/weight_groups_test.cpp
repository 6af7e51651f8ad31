// Groups of weights: each weight in one of them, and those of a unit reach that unit's output alone.
#include "training/weight_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "contract/members.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

WeightGroup range(std::size_t begin, std::size_t end) {
  WeightGroup all;
  for (; begin < end; ++begin) all.push_back(begin);
  return all;
}

TEST(WeightGroups, OfASmallNetworkAreThoseCountedByHand) {
  // W [8, 1], R [8, 2], b [8] in the order i, f, g, o; then W [1, 2], b [1].
  const Network<double> network("lstm 2, dense 1", 1);
  EXPECT_THAT(
      weight_groups(network, WeightGrouping::unit),
      ElementsAre(WeightGroup{0, 2, 4, 6, 8, 9, 12, 13, 16, 17, 20, 21, 24, 26, 28, 30},
                  WeightGroup{1, 3, 5, 7, 10, 11, 14, 15, 18, 19, 22, 23, 25, 27, 29, 31}, range(32, 35)));
  EXPECT_THAT(weight_groups(network, WeightGrouping::layer), ElementsAre(range(0, 32), range(32, 35)));
  EXPECT_THAT(weight_groups(network, WeightGrouping::all), ElementsAre(range(0, 35)));
}

TEST(WeightGroups, OfLayersInsideWrappersAreTheirOwn) {
  const Network<float> network(
      "embedding 9 4, residual(bidirectional(lstm 4) merge=sum), parallel(gru 2, stack(dense 3, rnn 5))", 1);
  EXPECT_THAT(weight_groups(network, WeightGrouping::layer), SizeIs(1 + 2 + 3));
  EXPECT_THAT(weight_groups(network, WeightGrouping::unit), SizeIs(4 + 2 * 4 + 2 + 3 + 5));
  // Units of a projection, behind those that it sees.
  const auto projected = weight_groups(Network<float>("projected 7 projection=4", 3), WeightGrouping::unit);
  ASSERT_THAT(projected, SizeIs(7 + 4));
  EXPECT_THAT(projected[0], SizeIs(4 * (3 + 4 + 1)));
  EXPECT_THAT(projected[7], SizeIs(7));
  EXPECT_THAT(weight_groups(Network<float>("dropout 0.5", 3), WeightGrouping::all), SizeIs(0));
}

TEST(WeightGroups, HoldEachWeightOfEveryMemberOnce) {
  for (const testing::Member& member : testing::members()) {
    const Network<float> network(member.spec, member.inputs);
    for (const auto grouping : {WeightGrouping::unit, WeightGrouping::layer, WeightGrouping::all}) {
      WeightGroup together;
      for (const WeightGroup& group : weight_groups(network, grouping)) {
        EXPECT_FALSE(group.empty()) << member;
        EXPECT_TRUE(std::ranges::is_sorted(group)) << member;
        together.insert(together.end(), group.begin(), group.end());
      }
      std::ranges::sort(together);
      EXPECT_EQ(together, range(0, network.weights().size())) << member;
    }
  }
}

/// A layer whose units do not meet within a step (those of a gru that resets before the product do), and how
/// many of its outputs lie side by side for each.
struct Apart {
  std::string spec;
  std::size_t units, cells = 1;
};

/// What one step from some state puts out, and the state that sequences begin with.
std::vector<double> step(const Network<double>& network) {
  const Random random(3, 0);
  Sequences<double> x({1}, network.inputs()), y;
  const bool symbols = network.spec()[0].kind == "embedding";
  for (std::size_t j = 0; j < x.values().size(); ++j) x.values()[j] = symbols ? 2 : random.uniform(j, -1, 1);
  Tensor<double> state({1, network.state_size()});
  for (std::size_t j = 0; j < network.state_size(); ++j)
    state.matrix().row(0)[j] = random.uniform(1000 + j, 0.1, 1);
  ThreadPool pool(1);
  const auto trace = network.make_trace();
  network.forward({.pool = &pool}, x, state.matrix(), y, *trace);
  return {y.values().begin(), y.values().end()};
}

TEST(WeightGroups, OfAUnitReachItsOutputAlone) {
  for (const Apart& layer : std::initializer_list<Apart>{{"lstm 5", 5},
                                                         {"peephole 5", 5},
                                                         {"peephole_cell_feedback 4", 4},
                                                         {"coupled 4", 4},
                                                         {"full_gate_recurrence 4", 4},
                                                         {"no_input_gate 4", 4},
                                                         {"lstm_1997 6 cells_per_block=2", 3, 2},
                                                         {"lstm_1997 4 bias=gates", 4},
                                                         {"peephole 6 cells_per_block=3", 2, 3},
                                                         {"gru 4", 4},
                                                         {"rnn 4", 4},
                                                         {"slstm 6 heads=3", 6},
                                                         {"mlstm 6 heads=3", 3, 2},
                                                         {"min_lstm 4", 4},
                                                         {"min_gru 4", 4},
                                                         {"conv_lstm 3 size=2x2 peephole=diagonal", 3},
                                                         {"md_lstm 3 size=1 peephole=diagonal", 6},
                                                         {"conv1d 3 kernel=2", 3},
                                                         {"layer_norm", 4},
                                                         {"embedding 3 4", 4},
                                                         {"dense 3 tanh", 3}}) {
    const Network<double> network(layer.spec, layer.spec.starts_with("embedding") ? 1 : 4, 1);
    const auto groups = weight_groups(network, WeightGrouping::unit);
    ASSERT_THAT(groups, SizeIs(layer.units)) << layer.spec;
    const std::vector<double> before = step(network);
    for (std::size_t k = 0; k < groups.size(); ++k) {
      Network<double> other(layer.spec, network.inputs(), 1);
      other.update_weights([&](std::span<double> w) {
        for (const std::size_t place : groups[k]) w[place] += 0.1;
      });
      const std::vector<double> after = step(other);
      for (std::size_t j = 0; j < before.size(); ++j)
        EXPECT_EQ(after[j] != before[j], j / layer.cells % layer.units == k) << layer.spec << ", unit " << k;
    }
  }
}

TEST(WeightGroups, HoldTheFirstStateOfTheirUnit) {
  for (const Apart& layer :
       std::initializer_list<Apart>{{"lstm 3 learned_start=on", 3},
                                    {"gru 3 learned_start=on", 3},
                                    {"slstm 4 heads=2 learned_start=on", 4},
                                    {"peephole 6 cells_per_block=2 learned_start=on", 3, 2},
                                    {"conv_lstm 2 size=3 learned_start=on", 2}}) {
    Network<double> network(layer.spec, 3, 1);
    const auto groups = weight_groups(network, WeightGrouping::unit);
    for (std::size_t k = 0; k < groups.size(); ++k) {
      const Tensor<double> before = network.start(1);
      network.update_weights([&](std::span<double> w) {
        for (const std::size_t place : groups[k]) w[place] += 0.1;
      });
      const Tensor<double> after = network.start(1);
      std::set<std::size_t> units;
      for (std::size_t j = 0; j < network.state_size(); ++j)
        if (after.matrix().row(0)[j] != before.matrix().row(0)[j])
          units.insert(j / layer.cells % layer.units);
      EXPECT_THAT(units, ElementsAre(k)) << layer.spec;
    }
  }
}

}  // namespace
}  // namespace carousel
