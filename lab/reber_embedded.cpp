#include "lab/reber_embedded.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "lab/first_weights.h"
#include "lab/next_symbol.h"
#include "lab/reber.h"
#include "lab/whole_sequences.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kStrings = 256, kMost = 24'100;
constexpr double kLearningRate = 0.03;
constexpr std::uint64_t kOrder = 1, kDrawn = std::uint64_t{1} << 40;  // of random numbers

/// Training strings as they are drawn, and behind them test strings that are none of them.
std::vector<ReberString> strings(std::uint64_t seed) {
  std::vector<ReberString> all;
  std::set<std::string> seen;
  for (std::uint64_t draw = 0; all.size() < 2 * kStrings; ++draw) {
    ReberString string = embedded_reber({seed, kDrawn | draw});
    const std::string key(string.symbols.begin(), string.symbols.end());
    if (all.size() < kStrings)
      seen.insert(key);
    else if (seen.contains(key))
      continue;
    all.push_back(std::move(string));
  }
  return all;
}

/// All symbols but the last, which none follows.
Sequences<double> inputs_of(const ReberString& string) {
  Sequences<double> x({string.symbols.size() - 1}, kReberSymbols);
  for (std::size_t t = 0; t + 1 < string.symbols.size(); ++t) x.at(0, t)[string.symbols[t]] = 1;
  return x;
}

bool tells(WholeSequences& learning, const ReberString& string) {
  const Sequences<double>& y = learning.run(inputs_of(string));
  for (std::size_t t = 0; t < learning.steps(); ++t)
    if (!tells_legal(y.at(0, t), string.legal[t])) return false;
  return true;
}

void learn(WholeSequences& learning, const ReberString& string, double rate) {
  const Sequences<double>& y = learning.run(inputs_of(string));
  Sequences<double> dy({learning.steps()}, kReberSymbols);
  for (std::size_t t = 0; t < learning.steps(); ++t)
    next_symbol_errors(y.at(0, t), string.symbols[t + 1], dy.at(0, t));
  learning.learn(dy, rate);
}

Outcome run_reber_embedded(const Context& context, std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  Network<double> network("lstm_1997 6 cells_per_block=2 bias=gates, dense 7 bias=off", kReberSymbols);
  set_first_weights(network, {.range = 0.2, .output = {-1, -2, -3}}, seed);
  const std::vector<ReberString> all = strings(seed);
  const Random order(seed, kOrder);
  WholeSequences learning(network);
  Outcome outcome;
  std::size_t hard = 0;  // the string that was told wrong last: the first to be asked again
  while (outcome.sequences < kMost && !outcome.met) {
    learn(learning, all[order.below(outcome.sequences, kStrings)], kLearningRate);
    ++outcome.sequences;
    outcome.met = true;
    for (std::size_t k = 0; k < all.size() && outcome.met; ++k) {
      const std::size_t asked = (hard + k) % all.size();
      outcome.met = tells(learning, all[asked]);
      if (!outcome.met) hard = asked;
    }
    if (!context.go_on(static_cast<double>(outcome.sequences) / static_cast<double>(kMost))) break;
  }
  outcome.figure = static_cast<double>(outcome.sequences);
  return outcome;
}

}  // namespace

const Experiment kReberEmbedded{
    .name = "reber_embedded",
    .what =
        "tells the next symbol of embedded Reber strings: lstm_1997, 3 blocks of 2 cells, 276 weights, "
        "a string at a time, by back-propagation and Adam and with outputs by softmax, which are not the "
        "paper's",
    .source = kLstm1997,
    .figure = "sequences",
    .published = "8,440 sequences on average",
    .gate = "within 24,100 sequences, 9 of 10 seeds",
    .run = run_reber_embedded};

}  // namespace carousel::lab
