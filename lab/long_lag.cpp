#include "lab/long_lag.h"

#include <algorithm>
#include <cmath>

#include "lab/next_symbol.h"
#include "training/online/truncated_rule.h"

namespace carousel::lab {

namespace {

constexpr std::uint64_t kOrder = 1;  // of random numbers: which sequence comes

/// One sequence of 2a: its steps are learned from, if rate > 0. The largest error of any output.
double run_2a(TruncatedRule<double>& rule, std::size_t p, bool is_y, double rate) {
  std::vector<double> x(p + 1, 0.0), dy(p + 1);
  const std::size_t key = is_y ? p : p - 1;
  double largest = 0;
  rule.restart();
  for (std::size_t t = 0; t < p; ++t) {  // a_t+1 comes next, at last the key again
    const std::size_t now = t == 0 ? key : t - 1, next = t + 1 == p ? key : t;
    x[now] = 1;
    const std::span<const double> y = rule.step(x);
    x[now] = 0;
    next_symbol_errors(y, next, dy);
    for (const double error : dy) largest = std::max(largest, std::abs(error));
    if (rate > 0) rule.learn(dy, rate);
  }
  return largest;
}

}  // namespace

std::size_t LongLag::draw(const Random& random) {
  std::size_t longer = 0;
  while (random.below(4 + longer, 10) != 0) ++longer;
  const Random distractors(random.below(1, std::uint64_t{1} << 60), 2);
  symbols_.assign(q_ + longer + 3, p_ + 1);
  symbols_[1] = p_ + 2 + random.below(0, 2);
  for (std::size_t t = 2; t + 1 < symbols_.size(); ++t) symbols_[t] = distractors.below(t, p_);
  symbols_.back() = p_;
  return symbols_.size();
}

void LongLag::input(std::size_t t, std::span<double> x) const {
  if (t > 0) x[symbols_[t - 1]] = 0;
  x[symbols_[t]] = 1;
}

void LongLag::target(std::span<double> target) const {
  target[0] = symbols_[1] == p_ + 2 ? 1 : 0;
  target[1] = 1 - target[0];
}

namespace {

Outcome run_long_lag_2a(const Context& context, std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  // One cell with its input gate, which see the inputs alone; outputs see both.
  constexpr std::size_t p = 100;
  const std::string outputs = std::to_string(p + 1);
  Network<double> network(
      "parallel(dropout 0, lstm_1997 1 output_gate=off gate_recurrence=none feedback=none bias=none "
      "output_activation=identity), dense " +
          outputs + " bias=off",
      p + 1);
  set_first_weights(network, {.range = 0.2}, seed);
  TruncatedRule<double> rule(network);
  const Random random(seed, kOrder);
  constexpr std::size_t kMost = 50'000;
  Outcome outcome;
  outcome.figure = 1;
  // Ten thousand randomly chosen sequences are the two there are.
  while (outcome.sequences < kMost && !outcome.met) {
    run_2a(rule, p, random.below(outcome.sequences, 2) == 1, 0.3);
    ++outcome.sequences;
    outcome.figure = std::max(run_2a(rule, p, false, 0), run_2a(rule, p, true, 0));
    outcome.met = outcome.figure < 0.25;
    if (!context.go_on(static_cast<double>(outcome.sequences) / kMost)) break;
  }
  return outcome;
}

Outcome run_long_lag_2c(const Context& context, std::uint64_t seed) {
  LongLag task(1000, 1000);
  const LagOutcome came = run_lag_task(task,
                                       {.spec = "lstm_1997 2 bias=none, dense 2 sigmoid bias=off",
                                        .first = {.range = 0.2},
                                        .learning_rate = 0.01,
                                        .tolerance = 0.2,
                                        .recent = 10'000,
                                        .error_allowed = 1,
                                        .most_sequences = 200'000,
                                        .tests = 0},
                                       context, seed);
  return {came.stopped, came.sequences, static_cast<double>(came.sequences)};
}

}  // namespace

const Experiment kLongLag2a{
    .name = "long_lag_2a",
    .what =
        "tells at the end of 101 symbols which the first one was: lstm_1997, one cell, 10,504 weights, "
        "by its own rule online; outputs by softmax, which is not the paper's",
    .source = kLstm1997,
    .figure = "largest error of 10,000",
    .published = "5,040 sequences",
    .gate = "all errors below 0.25, 9 of 10 seeds",
    .run = run_long_lag_2a};

const Experiment kLongLag2c{
    .name = "long_lag_2c",
    .what = "the same with 1,000 distractors in random order, 1,000 steps: lstm_1997, 2 blocks of one cell",
    .source = kLstm1997,
    .figure = "sequences",
    .published = "49,000 sequences",
    .gate = "none: an aim, 49,000 sequences",
    .seeds = 3,
    .needed = 1,
    .run = run_long_lag_2c};

}  // namespace carousel::lab
