#include "data/augment.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "tensor/tensor.h"

namespace carousel {
namespace {

TEST(Augment, NoiseHasTheRatioAndIsWhiteAndNormal) {
  std::vector<float> signal(100000);
  for (std::size_t n = 0; n < signal.size(); ++n) signal[n] = 0.3F * std::sin(0.05F * static_cast<float>(n));
  for (const double snr : {-5.0, 0.0, 20.0}) {
    std::vector<float> noisy = signal;
    add_noise(noisy, snr, {7, 1, 5});
    double power = 0, sum = 0, square = 0, fourth = 0, neighbours = 0, before = 0;
    for (std::size_t n = 0; n < signal.size(); ++n) {
      const double noise = static_cast<double>(noisy[n]) - signal[n];
      power += static_cast<double>(signal[n]) * signal[n];
      sum += noise;
      square += noise * noise;
      fourth += std::pow(noise, 4);
      neighbours += noise * before;
      before = noise;
    }
    const auto count = static_cast<double>(signal.size());
    EXPECT_NEAR(10 * std::log10(power / square), snr, 0.1);
    EXPECT_NEAR(sum / std::sqrt(square * count), 0, 4 / std::sqrt(count));
    EXPECT_NEAR(neighbours / square, 0, 4 / std::sqrt(count));
    EXPECT_NEAR(count * fourth / (square * square), 2.85, 0.08);
  }
}

TEST(Augment, NoiseIsAFunctionOfSeedEpochAndIndex) {
  const auto noisy = [](const Draw& draw) {
    std::vector<float> samples(100, 0.5F);
    add_noise(samples, 10, draw);
    return samples;
  };
  EXPECT_EQ(noisy({1, 2, 3}), noisy({1, 2, 3}));
  const std::set<std::vector<float>> all = {noisy({1, 2, 3}), noisy({2, 2, 3}),
                                            noisy({1, 3, 3}), noisy({1, 2, 4}),
                                            noisy({3, 2, 1}), noisy({1, 2, 3 + (std::uint64_t{1} << 40)})};
  EXPECT_EQ(all.size(), 6U);
}

TEST(Augment, SilenceStaysSilent) {
  std::vector<float> silence(10);
  add_noise(silence, 10, {});
  EXPECT_EQ(silence, std::vector<float>(10));
  add_noise({}, 10, {});
  EXPECT_THROW(add_noise(silence, 101, {}), Error);
  EXPECT_THROW(add_noise(silence, std::nan(""), {}), Error);
}

/// Which rows are zero throughout.
std::vector<bool> zero_rows(const Tensor<float>& frames) {
  std::vector<bool> zero;
  for (std::size_t t = 0; t < frames.shape()[0]; ++t) {
    std::size_t zeros = 0;
    for (std::size_t f = 0; f < frames.shape()[1]; ++f)
      zeros += frames[t * frames.shape()[1] + f] == 0 ? 1 : 0;
    EXPECT_TRUE(zeros == 0 || zeros == frames.shape()[1]);
    zero.push_back(zeros > 0);
  }
  return zero;
}

TEST(Augment, ATimeMaskOfEveryLengthAndPlaceComesAsOften) {
  constexpr std::size_t kSteps = 6, kWidth = 2, kDraws = 9000;
  std::vector<std::size_t> lengths(kWidth + 1), begins_of_two(kSteps);
  for (std::size_t index = 0; index < kDraws; ++index) {
    Tensor<float> frames({kSteps, 2}, 1);
    mask_time(frames.matrix(), {1, kWidth}, 1, {1, 0, index});
    const std::vector<bool> zero = zero_rows(frames);
    const auto length = static_cast<std::size_t>(std::count(zero.begin(), zero.end(), true));
    ASSERT_LE(length, kWidth);
    ++lengths[length];
    const auto begin = std::find(zero.begin(), zero.end(), true);
    if (length != 2) continue;
    ++begins_of_two[static_cast<std::size_t>(begin - zero.begin())];
    EXPECT_TRUE(*(begin + 1));
  }
  for (const std::size_t count : lengths) EXPECT_NEAR(static_cast<double>(count), kDraws / 3.0, 200);
  for (std::size_t b = 0; b + 2 <= kSteps; ++b)
    EXPECT_NEAR(static_cast<double>(begins_of_two[b]), kDraws / 15.0, 120);
}

TEST(Augment, AShareBoundsATimeMask) {
  for (std::size_t index = 0; index < 100; ++index) {
    Tensor<float> frames({10, 1}, 1);
    mask_time(frames.matrix(), {1, 100}, 0.25, {1, 0, index});
    const std::vector<bool> zero = zero_rows(frames);
    EXPECT_LE(std::count(zero.begin(), zero.end(), true), 2);
  }
  Tensor<float> none({0, 3});
  mask_time(none.matrix(), {2, 5}, 1, {});
  EXPECT_THROW(mask_time(none.matrix(), {2, 5}, 1.5, {}), Error);
}

TEST(Augment, AFrequencyMaskIsTheSameAtAllTimesAndInAllGroups) {
  std::set<std::size_t> widths;
  for (std::size_t index = 0; index < 200; ++index) {
    Tensor<float> frames({4, 15}, 1);
    mask_frequency(frames.matrix(), {1, 3}, 3, {9, 1, index});
    std::size_t masked = 0;
    for (std::size_t band = 0; band < 5; ++band) {
      masked += frames[band] == 0 ? 1 : 0;
      for (std::size_t t = 0; t < 4; ++t)
        for (std::size_t group = 0; group < 3; ++group)
          EXPECT_EQ(frames[t * 15 + group * 5 + band], frames[band]);
    }
    widths.insert(masked);
  }
  EXPECT_EQ(widths, (std::set<std::size_t>{0, 1, 2, 3}));
  Tensor<float> frames({4, 15}, 1);
  EXPECT_THROW(mask_frequency(frames.matrix(), {1, 3}, 2, {}), Error);
  EXPECT_THROW(mask_frequency(frames.matrix(), {1, 3}, 0, {}), Error);
}

}  // namespace
}  // namespace carousel
