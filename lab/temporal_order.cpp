#include "lab/temporal_order.h"

#include <algorithm>

namespace carousel::lab {

namespace {

enum : std::uint8_t { kX = 4, kY = 5, kFirst = 6, kLast = 7 };

/// Where the marks stand: one of 10 or, in 6b, 10 or 10 or so places from each of these on (t counted from
/// 1).
struct Places {
  std::size_t from, count;
};
constexpr Places kTwo[] = {{10, 11}, {50, 11}}, kThree[] = {{10, 11}, {33, 11}, {66, 11}};

}  // namespace

std::size_t TemporalOrder::draw(const Random& random) {
  symbols_.resize(100 + random.below(0, 11));
  for (std::size_t t = 0; t < symbols_.size(); ++t)
    symbols_[t] = static_cast<std::uint8_t>(random.below(16 + t, 4));
  symbols_.front() = kFirst, symbols_.back() = kLast;
  order_ = 0;
  for (std::size_t k = 0; k < marks_; ++k) {
    const Places& places = marks_ == 2 ? kTwo[k] : kThree[k];
    const bool is_y = random.below(8 + k, 2) == 1;
    symbols_[places.from - 1 + random.below(1 + k, places.count)] = is_y ? kY : kX;
    order_ = 2 * order_ + (is_y ? 1 : 0);
  }
  return symbols_.size();
}

void TemporalOrder::input(std::size_t t, std::span<double> x) const {
  if (t > 0) x[symbols_[t - 1]] = 0;
  x[symbols_[t]] = 1;
}

void TemporalOrder::target(std::span<double> target) const {
  std::ranges::fill(target, 0.0);
  target[order_] = 1;
}

namespace {

Outcome run_temporal_order(const Context& context, std::uint64_t seed, std::size_t marks) {
  TemporalOrder task(marks);
  LagSettings settings;
  if (marks == 2) {
    settings.spec = "lstm_1997 4 cells_per_block=2, dense 4 activation=sigmoid";
    settings.first = {.range = 0.1, .input = {-2, -4}};
    settings.learning_rate = 0.5;
    settings.most_sequences = 65'000;
  } else {
    settings.spec = "lstm_1997 6 cells_per_block=2, dense 8 activation=sigmoid";
    settings.first = {.range = 0.1, .input = {-2, -4, -6}};
    settings.learning_rate = 0.1;
    settings.most_sequences = 1'200'000;
  }
  settings.tolerance = 0.3;
  settings.error_allowed = 0.1;
  const LagOutcome came = run_lag_task(task, settings, context, seed);
  return {came.stopped && came.wrong <= 3, came.sequences, static_cast<double>(came.wrong)};
}

}  // namespace

const Experiment kTemporalOrder{
    .name = "temporal_order",
    .what =
        "tells in which order two marks stood in a sequence of 100 to 110: lstm_1997, 2 blocks of 2 "
        "cells, 156 weights, by its own rule online",
    .source = kLstm1997,
    .figure = "wrong of 2,560",
    .published = "31,390 sequences, 1 wrong",
    .gate = "at most 3 wrong within 65,000 sequences, 9 of 10 seeds",
    .run = [](const Context& context, std::uint64_t seed) { return run_temporal_order(context, seed, 2); }};

const Experiment kTemporalOrder3{
    .name = "temporal_order_3",
    .what = "the same with three marks: 3 blocks of 2 cells, 308 weights",
    .source = kLstm1997,
    .figure = "wrong of 2,560",
    .published = "571,100 sequences, 2 wrong",
    .gate = "none: an aim, 571,100 sequences",
    .seeds = 3,
    .needed = 1,
    .run = [](const Context& context, std::uint64_t seed) { return run_temporal_order(context, seed, 3); }};

}  // namespace carousel::lab
