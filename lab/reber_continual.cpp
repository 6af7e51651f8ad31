#include "lab/reber_continual.h"

#include <algorithm>
#include <cmath>

#include "lab/first_weights.h"
#include "lab/next_symbol.h"
#include "lab/reber.h"
#include "training/online/truncated_rule.h"

namespace carousel::lab {

namespace {

// The learning rate is of the cross-entropy (lab/next_symbol.h) and decays from a string to the next.
constexpr double kLearningRate = 0.1, kDecay = 0.9999;
constexpr std::size_t kStreamStrings = 10;  // to learn from; the next one begins anew, as the test does
constexpr std::size_t kMost = 60'000, kBetweenTests = 3000;  // strings
constexpr std::size_t kTestSymbols = 1'000'000;              // to be told without error

// Of random numbers: above them one for each string.
constexpr std::uint64_t kTraining = std::uint64_t{1} << 40, kTests = std::uint64_t{2} << 40;

/// Runs strings one after the other; each(y, string, t) for every symbol, until it says false.
template <class Each>
bool run_string(TruncatedRule<double>& rule, const ReberString& string, Each&& each) {
  for (std::size_t t = 0; t < string.symbols.size(); ++t) {
    double x[kReberSymbols] = {};
    x[string.symbols[t]] = 1;
    if (!each(rule.step(x), t)) return false;
  }
  return true;
}

void learn(TruncatedRule<double>& rule, const ReberString& string, double rate) {
  run_string(rule, string, [&](std::span<const double> y, std::size_t t) {
    const std::size_t next =
        t + 1 < string.symbols.size() ? string.symbols[t + 1] : 0;  // B begins another one
    double dy[kReberSymbols];
    next_symbol_errors(y, next, dy);
    rule.learn(dy, rate);
    return true;
  });
}

/// Symbols told until the first error, at most so many.
std::size_t told(TruncatedRule<double>& rule, std::uint64_t seed, std::size_t most) {
  std::size_t count = 0;
  rule.restart();
  for (std::uint64_t drawn = 0; count < most; ++drawn) {
    const ReberString string = embedded_reber({seed, kTests | drawn});
    const bool right = run_string(rule, string, [&](std::span<const double> y, std::size_t t) {
      if (!tells_legal(y, string.legal[t])) return false;
      return ++count < most;
    });
    if (!right) break;
  }
  return count;
}

std::string spec(bool forget_gates) {
  return std::string(
             "parallel(dropout 0, lstm 8 cells_per_block=2 bias=gates input_activation=scaled_sigmoid:4:-2 "
             "output_activation=scaled_sigmoid:2:-1") +
         (forget_gates ? "" : " forget_gate=off") + "), dense 7";
}

template <bool forget_gates>
Outcome run_reber_continual(const Context& context, std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  Network<double> network(spec(forget_gates), kReberSymbols);
  FirstWeights first{.range = 0.2, .input = {-0.5, -1, -1.5, -2}, .output = {-0.5, -1, -1.5, -2}};
  if (forget_gates) first.forget = {0.5, 1, 1.5, 2};
  set_first_weights(network, first, seed);
  TruncatedRule<double> learning(network), tested(network);
  std::vector<double> weights(network.weights().size());
  Outcome outcome;
  while (outcome.sequences < kMost && !outcome.met) {
    const double rate = kLearningRate * std::pow(kDecay, static_cast<double>(outcome.sequences));
    if (outcome.sequences % kStreamStrings == 0) learning.restart();
    learn(learning, embedded_reber({seed, kTraining | outcome.sequences}), rate);
    if (++outcome.sequences % kBetweenTests != 0) continue;
    learning.get_weights(weights);
    tested.set_weights(weights);
    outcome.figure = std::max(outcome.figure, static_cast<double>(told(tested, seed, kTestSymbols)));
    outcome.met = outcome.figure >= static_cast<double>(kTestSymbols);
    if (!context.go_on(static_cast<double>(outcome.sequences) / static_cast<double>(kMost))) break;
  }
  return outcome;
}

}  // namespace

const Experiment kReberContinual{
    .name = "reber_continual",
    .what =
        "tells the next symbol of embedded Reber strings without end or reset: lstm with forget gates, "
        "4 blocks of 2 cells, 424 weights, online, the learning rate decays; outputs by softmax, which "
        "is not the paper's",
    .source = "Gers, Schmidhuber & Cummins, Neural Computation 12, 2000",
    .figure = "symbols without error",
    .published = "62 % of networks perfect",
    .gate = "62 % of 20 networks tell 1,000,000 symbols",
    .seeds = 20,
    .needed = 13,
    .by_sequences = false,
    .less_is_better = false,
    .run = run_reber_continual<true>};

}  // namespace carousel::lab
