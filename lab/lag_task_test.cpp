// The sequences of the long time lags, and that a lag is learned.
#include "lab/lag_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "lab/adding.h"
#include "lab/long_lag.h"
#include "lab/temporal_order.h"

namespace carousel::lab {
namespace {

/// Inputs [T][inputs] of one sequence, and its target.
struct Drawn {
  std::vector<std::vector<double>> x;
  std::vector<double> target;
};
Drawn drawn(LagTask& task, std::uint64_t number) {
  Drawn all;
  const std::size_t steps = task.draw(Random(3, number));
  std::vector<double> x(task.inputs(), 0.0);
  for (std::size_t t = 0; t < steps; ++t) {
    task.input(t, x);
    all.x.push_back(x);
  }
  all.target.resize(task.outputs());
  task.target(all.target);
  return all;
}

TEST(Adding, TwoMarkedValuesAreWhatCounts) {
  for (const auto kind : {MarkedValues::Target::sum, MarkedValues::Target::product}) {
    MarkedValues task(kind, 100);
    double least = 1;
    std::size_t first_pairs = 0;
    for (std::uint64_t number = 0; number < 3000; ++number) {
      const Drawn sequence = drawn(task, number);
      ASSERT_GE(sequence.x.size(), 100u);
      ASSERT_LE(sequence.x.size(), 110u);
      ASSERT_EQ(sequence.x.front()[1], -1);
      ASSERT_EQ(sequence.x.back()[1], -1);
      std::vector<double> marked;
      for (std::size_t t = 0; t < sequence.x.size(); ++t) {
        least = std::min(least, sequence.x[t][0]);
        if (sequence.x[t][1] != 1) continue;
        ASSERT_LT(t, marked.empty() ? 50u : 51u);
        marked.push_back(sequence.x[t][0]);
      }
      first_pairs += marked.size() < 2 ? 1 : 0;
      ASSERT_GE(marked.size(), 1u);
      const double other = marked.size() == 2 ? marked[1] : kind == MarkedValues::Target::sum ? 0 : 1;
      const double expected =
          kind == MarkedValues::Target::sum ? 0.5 + (marked[0] + other) / 4 : marked[0] * other;
      ASSERT_DOUBLE_EQ(sequence.target[0], expected);
    }
    EXPECT_NEAR(static_cast<double>(first_pairs) / 3000, 0.1 + 0.9 / 48, 0.02);
    EXPECT_NEAR(least, kind == MarkedValues::Target::sum ? -1 : 0, 0.01);
  }
}

TEST(TemporalOrder, TheOrderOfTheMarksIsTheClass) {
  for (const std::size_t marks : {2, 3}) {
    TemporalOrder task(marks);
    std::vector<std::size_t> classes(task.outputs(), 0);
    for (std::uint64_t number = 0; number < 2000; ++number) {
      const Drawn sequence = drawn(task, number);
      std::size_t order = 0, found = 0;
      for (std::size_t t = 0; t < sequence.x.size(); ++t) {
        double sum = 0;
        for (const double value : sequence.x[t]) sum += value;
        ASSERT_EQ(sum, 1);
        ASSERT_EQ(sequence.x[t][6] == 1, t == 0);
        ASSERT_EQ(sequence.x[t][7] == 1, t + 1 == sequence.x.size());
        if (sequence.x[t][4] + sequence.x[t][5] == 0) continue;
        order = 2 * order + (sequence.x[t][5] == 1 ? 1 : 0), ++found;
      }
      ASSERT_EQ(found, marks);
      ASSERT_EQ(sequence.target[order], 1);
      ++classes[order];
    }
    for (const std::size_t count : classes)
      EXPECT_NEAR(static_cast<double>(count), 2000.0 / static_cast<double>(classes.size()), 75);
  }
}

TEST(LongLag, TheSecondSymbolIsToldBehindTheTrigger) {
  LongLag task(20, 30);
  double steps = 0;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const Drawn sequence = drawn(task, number);
    ASSERT_EQ(sequence.x[0][21], 1);
    ASSERT_EQ(sequence.x[1][22], sequence.target[0]);
    ASSERT_EQ(sequence.x[1][23], sequence.target[1]);
    ASSERT_EQ(sequence.x.back()[20], 1);
    ASSERT_GE(sequence.x.size(), 33u);
    steps += static_cast<double>(sequence.x.size()) / 1000;
  }
  EXPECT_NEAR(steps, 30 + 3 + 9, 1);  // 4 + q + the mean of k, without the symbol that is to be told
}

// Short enough for a test; 120,000 steps.
TEST(LagTask, LearnsAndStopsWhenTheLastOnesWereRight) {
  LongLag task(5, 20);
  LagSettings settings;
  settings.spec = "lstm_1997 2, dense 2 sigmoid";
  settings.learning_rate = 0.5, settings.tolerance = 0.3, settings.error_allowed = 1;
  settings.recent = 200, settings.most_sequences = 20'000, settings.tests = 300;
  const LagOutcome came = run_lag_task(task, settings, {}, 1);
  EXPECT_TRUE(came.stopped);
  EXPECT_LE(came.wrong, 6u);
  const LagOutcome again = run_lag_task(task, settings, {}, 1);
  EXPECT_EQ(came.sequences, again.sequences);
  EXPECT_EQ(came.mean_square, again.mean_square);
  std::size_t told = 0;
  const Context ended{[&](double) { return ++told < 2; }};
  EXPECT_EQ(run_lag_task(task, settings, ended, 2).sequences, 512u);
}

}  // namespace
}  // namespace carousel::lab
