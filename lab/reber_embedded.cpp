#include "lab/reber_embedded.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "lab/first_weights.h"
#include "lab/next_symbol.h"
#include "lab/reber.h"
#include "lab/whole_sequences.h"
#include "training/online/truncated_rule.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kStrings = 256, kMost = 24'100;
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

/// Back-propagation through each string.
class WholeStrings {
 public:
  static constexpr double kRate = 0.03;
  explicit WholeStrings(Network<double>& network) : learning_(network) {}

  void learn(const ReberString& string) {
    const Sequences<double>& y = learning_.run(inputs_of(string));
    Sequences<double> dy({learning_.steps()}, kReberSymbols);
    for (std::size_t t = 0; t < learning_.steps(); ++t)
      next_symbol_errors(y.at(0, t), string.symbols[t + 1], dy.at(0, t));
    learning_.learn(dy, kRate);
  }
  bool tells(const ReberString& string) {
    const Sequences<double>& y = learning_.run(inputs_of(string));
    for (std::size_t t = 0; t < learning_.steps(); ++t)
      if (!tells_legal(y.at(0, t), string.legal[t])) return false;
    return true;
  }

 private:
  /// All symbols but the last, which none follows.
  static Sequences<double> inputs_of(const ReberString& string) {
    Sequences<double> x({string.symbols.size() - 1}, kReberSymbols);
    for (std::size_t t = 0; t + 1 < string.symbols.size(); ++t) x.at(0, t)[string.symbols[t]] = 1;
    return x;
  }

  WholeSequences learning_;
};

/// The paper's own rule, a step at a time.
class TruncatedSteps {
 public:
  static constexpr double kRate = 0.5;
  explicit TruncatedSteps(const Network<double>& network) : rule_(network) {}

  void learn(const ReberString& string) {
    run(string, [&](std::span<const double> y, std::size_t t) {
      double dy[kReberSymbols];
      next_symbol_errors(y, string.symbols[t + 1], dy);
      rule_.learn(dy, kRate);
      return true;
    });
  }
  bool tells(const ReberString& string) {
    return run(string,
               [&](std::span<const double> y, std::size_t t) { return tells_legal(y, string.legal[t]); });
  }

 private:
  /// Calls each(y, t) for every step that has a next, until it says false.
  template <class Each>
  bool run(const ReberString& string, Each&& each) {
    rule_.restart();
    for (std::size_t t = 0; t + 1 < string.symbols.size(); ++t) {
      double x[kReberSymbols] = {};
      x[string.symbols[t]] = 1;
      if (!each(rule_.step(x), t)) return false;
    }
    return true;
  }

  TruncatedRule<double> rule_;
};

template <class Learning>
Outcome run_reber_embedded(const Context& context, std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  Network<double> network("lstm_1997 6 cells_per_block=2 bias=gates, dense 7 bias=off", kReberSymbols);
  set_first_weights(network, {.range = 0.2, .output = {-1, -2, -3}}, seed);
  const std::vector<ReberString> all = strings(seed);
  const Random order(seed, kOrder);
  Learning learning(network);
  Outcome outcome;
  std::size_t hard = 0;  // the string that was told wrong last: the first to be asked again
  while (outcome.sequences < kMost && !outcome.met) {
    learning.learn(all[order.below(outcome.sequences, kStrings)]);
    ++outcome.sequences;
    outcome.met = true;
    for (std::size_t k = 0; k < all.size() && outcome.met; ++k) {
      const std::size_t asked = (hard + k) % all.size();
      outcome.met = learning.tells(all[asked]);
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
        "tells the next symbol of embedded Reber strings: lstm_1997, 3 blocks of 2 cells, 276 weights, a "
        "string at a time; by back-propagation, gradients of a norm of at most 1 and Adam, with outputs by "
        "softmax, which are not the paper's",
    .source = kLstm1997,
    .figure = "sequences",
    .published = "8,440 sequences on average",
    .gate = "within 24,100 sequences, 9 of 10 seeds",
    .seeds = 40,
    .needed = 36,
    .run = run_reber_embedded<WholeStrings>};

const Experiment kReberEmbeddedTruncated{.name = "reber_embedded_truncated",
                                         .what =
                                             "the same by the paper's own rule online, learning rate 0.5; "
                                             "outputs by softmax, which is not the paper's",
                                         .source = kLstm1997,
                                         .figure = "sequences",
                                         .published = "8,440 sequences on average",
                                         .gate = "within 24,100 sequences, 9 of 10 seeds",
                                         .run = run_reber_embedded<TruncatedSteps>};

}  // namespace carousel::lab
