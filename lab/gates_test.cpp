// The quick experiments of the lab, one seed each, held to their papers' criteria.
#include <gtest/gtest.h>

#include <string>

#include "lab/experiments.h"

namespace carousel::lab {
namespace {

class Gates : public ::testing::TestWithParam<const char*> {};

TEST_P(Gates, AreHeldByTheFirstSeed) {
  const Outcome outcome = experiment(GetParam()).run(Context(), 0);
  EXPECT_TRUE(outcome.met) << outcome.sequences << " sequences, figure " << outcome.figure;
}

INSTANTIATE_TEST_SUITE_P(Lab, Gates,
                         ::testing::Values("distracted_recall", "double_pole_evolution_strategy",
                                           "double_pole_genetic", "evolino_sines_2", "t_maze",
                                           "temporal_order"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace carousel::lab
