#include "lab/reber_continual.h"

#include <algorithm>
#include <cmath>

#include "lab/first_weights.h"
#include "lab/next_symbol.h"
#include "lab/reber.h"
#include "training/online/truncated_rule.h"

namespace carousel::lab {

namespace {

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

}  // namespace

Outcome run_reber_continual(const Context& context, std::uint64_t seed, const ReberContinual& settings) {
  const kernels::StandardFloatMode mode;
  Network<double> network(spec(settings.forget_gates), kReberSymbols);
  FirstWeights first{.range = 0.2, .input = {-0.5, -1, -1.5, -2}, .output = {-0.5, -1, -1.5, -2}};
  if (settings.forget_gates) first.forget = {0.5, 1, 1.5, 2};
  set_first_weights(network, first, seed);
  TruncatedRule<double> learning(network), tested(network);
  std::vector<double> weights(network.weights().size());
  Outcome outcome;
  while (outcome.sequences < settings.most_strings && !outcome.met) {
    const double rate =
        settings.learning_rate * std::pow(settings.decay, static_cast<double>(outcome.sequences));
    learn(learning, embedded_reber({seed, kTraining | outcome.sequences}), rate);
    if (++outcome.sequences % settings.strings_a_test != 0) continue;
    learning.get_weights(weights);
    tested.set_weights(weights);
    outcome.figure = std::max(outcome.figure, static_cast<double>(told(tested, seed, settings.test_symbols)));
    outcome.met = outcome.figure >= static_cast<double>(settings.test_symbols);
    if (!context.go_on(static_cast<double>(outcome.sequences) / static_cast<double>(settings.most_strings)))
      break;
  }
  return outcome;
}

}  // namespace carousel::lab
