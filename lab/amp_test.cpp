// The strings that the amplifier is played with.
#include "lab/amp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace carousel::lab {
namespace {

TEST(PluckedStrings, AreBoundedDifferByTheirSeedAndSoundLikeAString) {
  constexpr std::uint32_t kRate = 8000;
  const std::vector<float> sound = plucked_strings(3, kRate / 2, kRate);
  EXPECT_EQ(sound, plucked_strings(3, kRate / 2, kRate));
  EXPECT_NE(sound, plucked_strings(4, kRate / 2, kRate));
  for (const float value : plucked_strings(3, 20 * kRate, kRate)) EXPECT_LE(std::abs(value), 1.0F);

  // One string alone: after some period between 1/660 and 1/82 s it comes again, a little weaker.
  const auto difference = [&](std::size_t period) {
    double sum = 0;
    for (std::size_t t = 1000; t < 3000; ++t) sum += std::pow(sound[t] - sound[t + period], 2);
    return sum;
  };
  double least = INFINITY, energy = 0;
  for (std::size_t period = kRate / 661; period <= kRate / 82; ++period)
    least = std::min(least, difference(period));
  for (std::size_t t = 1000; t < 3000; ++t) energy += std::pow(sound[t], 2);
  EXPECT_GT(energy, 0);
  EXPECT_LT(least, 0.1 * energy);
}

}  // namespace
}  // namespace carousel::lab
