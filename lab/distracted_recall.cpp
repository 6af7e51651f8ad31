#include "lab/distracted_recall.h"

#include <algorithm>
#include <bitset>

#include "training/online/local_online_rule.h"

namespace carousel::lab {

namespace {

constexpr std::uint64_t kSequences = std::uint64_t{1} << 40;  // of random numbers: above it one for each
constexpr std::size_t kItems = kRecallSteps - 2, kRecent = 1000, kMost = 100'000;
constexpr double kLearningRate = 0.1;

// Gates see inputs, outputs of the cells and the cells' states; connections into the cells are gated.
constexpr const char* kNetwork = R"(lstm_g(
    units i 8 sigmoid, units f 8 sigmoid, units c 8 identity, units o 8 sigmoid, units z 8 tanh, units h 8 identity,
    units y 4 sigmoid,
    connect x i, connect h i, connect one i, connect c i each,
    connect x f, connect h f, connect one f, connect c f each,
    connect x c gater=i, connect h c gater=i, connect c c self gater=f weight=1,
    connect x o, connect h o, connect one o, connect c o each,
    connect c z each weight=1, connect z h each gater=o weight=1,
    connect h y, connect one y, outputs y))";

/// Whether the unit of `target` is the most active.
bool names(std::span<const double> y, std::size_t target) {
  for (std::size_t k = 0; k < y.size(); ++k)
    if (k != target && !(y[k] < y[target])) return false;
  return true;
}

}  // namespace

RecallSequence distracted_recall(const Random& random) {
  RecallSequence sequence;
  for (std::size_t t = 0; t < kItems; ++t)
    sequence.symbols[t] = static_cast<std::uint8_t>(kRecallTargets + random.below(8 + t, 4));
  std::size_t places[2] = {random.below(0, kItems), random.below(1, kItems - 1)};
  if (places[1] >= places[0]) ++places[1];
  std::ranges::sort(places);
  for (std::size_t k = 0; k < 2; ++k) {
    sequence.targets[k] = static_cast<std::uint8_t>(random.below(2 + k, kRecallTargets));
    sequence.symbols[places[k]] = sequence.targets[k];
    sequence.symbols[kItems + k] = static_cast<std::uint8_t>(kRecallSymbols - 2 + k);
  }
  return sequence;
}

namespace {

Outcome run_distracted_recall(const Context& context, std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  const Network<double> network(kNetwork, kRecallSymbols, seed);
  LocalOnlineRule<double> rule(network);
  std::bitset<kRecent> right;
  Outcome outcome;
  while (outcome.sequences < kMost && !outcome.met) {
    const RecallSequence sequence = distracted_recall({seed, kSequences | outcome.sequences});
    rule.restart();
    bool all = true;
    for (std::size_t t = 0; t < kRecallSteps; ++t) {
      double x[kRecallSymbols] = {};
      x[sequence.symbols[t]] = 1;
      const std::span<const double> y = rule.step(x);
      if (t < kItems) continue;
      const std::size_t target = sequence.targets[t - kItems];
      all = all && names(y, target);
      double dy[kRecallTargets];  // under cross-entropy, as in the paper: what is left of it on the units'
                                  // sums is y - t
      for (std::size_t k = 0; k < kRecallTargets; ++k)
        dy[k] = (y[k] - (k == target ? 1 : 0)) / std::max(y[k] * (1 - y[k]), 1e-9);
      rule.learn(dy, kLearningRate);
    }
    right[outcome.sequences % kRecent] = all;
    ++outcome.sequences;
    outcome.figure = static_cast<double>(right.count()) / kRecent;
    outcome.met = outcome.figure >= 0.95;
    if (outcome.sequences % kRecent == 0 &&
        !context.go_on(static_cast<double>(outcome.sequences) / static_cast<double>(kMost)))
      break;
  }
  return outcome;
}

}  // namespace

const Experiment kDistractedRecall{
    .name = "distracted_recall",
    .what =
        "tells the two items that stood first among distractors: a network of units, connections and "
        "gaters (lstm_g), 8 memory cells, by its local rule",
    .source = "Monner & Reggia, Neural Networks 25, 2012",
    .figure = "share right",
    .published = "solved",
    .gate = "95 % right, 9 of 10 seeds",
    .run = run_distracted_recall};

}  // namespace carousel::lab
