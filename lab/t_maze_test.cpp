// The corridor of 10 steps: what takes a second says whether the long ones can be learned.
#include "lab/t_maze.h"

#include <gtest/gtest.h>

namespace carousel::lab {
namespace {

TEST(TMazeLab, AShortCorridorIsLearned) {
  const Outcome outcome = run_t_maze({}, 0, 10);
  EXPECT_TRUE(outcome.met);
  EXPECT_GE(outcome.figure, 0.95);
  EXPECT_LE(outcome.sequences, 20'000u);
}

TEST(TMazeLab, EndsWhenItIsTold) {
  int asked = 0;
  const Outcome outcome = run_t_maze({.go_on = [&](double) { return ++asked < 2; }}, 0, 10);
  EXPECT_EQ(asked, 2);
  EXPECT_GT(outcome.sequences, 0u);
}

}  // namespace
}  // namespace carousel::lab
