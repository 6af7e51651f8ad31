#include "lab/adding.h"

#include <cmath>

namespace carousel::lab {

std::size_t MarkedValues::draw(const Random& random) {
  const std::size_t steps = length_ + random.below(0, length_ / 10 + 1);
  values_.resize(steps);
  for (std::size_t t = 0; t < steps; ++t)
    values_[t] = random.uniform(4 + t, target_ == Target::sum ? -1 : 0, 1);
  first_ = random.below(1, 10);
  second_ = random.below(2, length_ / 2 - 2);  // of the others
  if (second_ >= first_) ++second_;
  return steps;
}

void MarkedValues::input(std::size_t t, std::span<double> x) const {
  x[0] = values_[t];
  const bool end = t == 0 || t + 1 == values_.size();
  x[1] = end ? -1 : t == first_ || t == second_ ? 1 : 0;
}

void MarkedValues::target(std::span<double> target) const {
  const auto counted = [&](std::size_t t) {
    if (t > 0) return values_[t];
    return target_ == Target::sum ? 0.0 : 1.0;
  };
  const double a = counted(first_), b = counted(second_);
  target[0] = target_ == Target::sum ? 0.5 + (a + b) / 4 : a * b;
}

namespace {

// Two blocks of two cells: 93 weights.
constexpr const char* kNetwork = "lstm_1997 4 cells_per_block=2, dense 1 activation=sigmoid";
const FirstWeights kFirst = {.range = 0.1, .input = {-3, -6}};

Outcome run_adding(const Context& context, std::uint64_t seed, std::size_t length, LagRule rule) {
  MarkedValues task(MarkedValues::Target::sum, length);
  const LagOutcome came = run_lag_task(task,
                                       {.spec = kNetwork,
                                        .first = kFirst,
                                        .rule = rule,
                                        .learning_rate = rule == LagRule::truncated ? 0.5 : 0.005,
                                        .tolerance = 0.04,
                                        .error_allowed = 0.01,
                                        .most_sequences = 1500 * length},
                                       context, seed);
  return {came.stopped && came.wrong <= 3, came.sequences, static_cast<double>(came.wrong)};
}

Outcome run_multiplication(const Context& context, std::uint64_t seed) {
  MarkedValues task(MarkedValues::Target::product, 100);
  const LagOutcome came = run_lag_task(task,
                                       {.spec = kNetwork,
                                        .first = kFirst,
                                        .rule = LagRule::whole,
                                        .learning_rate = 0.005,
                                        .tolerance = 0.04,
                                        .wrong_allowed = 139,
                                        .error_allowed = 1,
                                        .most_sequences = 1'500'000},
                                       context, seed);
  return {came.stopped && std::sqrt(came.mean_square) <= 0.0223, came.sequences, came.mean_square};
}

}  // namespace

const Experiment kAdding{
    .name = "adding",
    .what =
        "adds the two marked numbers of a sequence of 100 to 110: lstm_1997, 2 blocks of 2 cells, 93 "
        "weights, a sequence at a time; by back-propagation, gradients of a norm of at most 1, Adam and the "
        "mean "
        "of the last weights, which are not the paper's",
    .source = kLstm1997,
    .figure = "wrong of 2,560",
    .published = "74,000 sequences, 1 wrong",
    .gate = "at most 3 wrong within 150,000 sequences, 9 of 10 seeds",
    .seeds = 40,
    .needed = 36,
    .run = [](const Context& context, std::uint64_t seed) {
      return run_adding(context, seed, 100, LagRule::whole);
    }};

const Experiment kAddingTruncated{.name = "adding_truncated",
                                  .what = "the same by the paper's own rule online, learning rate 0.5",
                                  .source = kLstm1997,
                                  .figure = "wrong of 2,560",
                                  .published = "74,000 sequences, 1 wrong",
                                  .gate = "at most 3 wrong within 150,000 sequences, 9 of 10 seeds",
                                  .run = [](const Context& context, std::uint64_t seed) {
                                    return run_adding(context, seed, 100, LagRule::truncated);
                                  }};

const Experiment kAdding1000{.name = "adding_1000",
                             .what = "the same with sequences of 1,000 to 1,100",
                             .source = kLstm1997,
                             .figure = "wrong of 2,560",
                             .published = "853,000 sequences, 1 wrong",
                             .gate = "none: an aim, solved",
                             .seeds = 3,
                             .needed = 1,
                             .run = [](const Context& context, std::uint64_t seed) {
                               return run_adding(context, seed, 1000, LagRule::whole);
                             }};

const Experiment kMultiplication{
    .name = "multiplication",
    .what =
        "multiplies the two marked numbers of a sequence of 100 to 110: network and learning as of adding",
    .source = kLstm1997,
    .figure = "mean square error",
    .published = "482,000 sequences, 0.0223; 1,273,000, 0.0139",
    .gate = "0.0223, 9 of 10 seeds",
    .run = run_multiplication};

}  // namespace carousel::lab
