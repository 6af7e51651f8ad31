#include "data/resampler.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace carousel {
namespace {

std::vector<float> sine(double hz, double rate, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t n = 0; n < count; ++n)
    samples[n] =
        static_cast<float>(std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / rate + 0.3));
  return samples;
}

std::vector<float> resampled(const std::vector<float>& samples, std::uint32_t from, std::uint32_t to,
                             std::size_t block = 1000) {
  Resampler resampler(from, to);
  std::vector<float> out;
  for (std::size_t at = 0; at < samples.size(); at += block)
    resampler.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)), out);
  resampler.finish(out);
  return out;
}

struct Rates {
  std::uint32_t from, to;
};
constexpr Rates kRates[] = {{44100, 16000}, {48000, 16000}, {8000, 16000},  {16000, 8000}, {22050, 16000},
                            {11025, 44100}, {44101, 16000}, {16000, 44101}, {96000, 750}};

TEST(Resampler, ASineKeepsItsFrequencyPhaseAndHeight) {
  for (const auto [from, to] : kRates) {
    for (const double share : {0.05, 0.3, 0.8}) {
      const double hz = share * std::min(from, to) / 2;
      // Away from the ends, where silence begins: 40 crossings of the slower rate.
      const std::size_t length = from / 2 + 100 * static_cast<std::size_t>(from / std::min(from, to));
      const std::vector<float> out = resampled(sine(hz, from, length), from, to);
      const std::size_t edge = 40 * to / std::min(from, to) + 1;
      ASSERT_GT(out.size(), 2 * edge);
      const std::vector<float> expected = sine(hz, to, out.size());
      double noise = 0, power = 0;
      for (std::size_t n = edge; n < out.size() - edge; ++n) {
        noise += std::pow(static_cast<double>(out[n]) - expected[n], 2);
        power += std::pow(expected[n], 2);
      }
      EXPECT_GT(10 * std::log10(power / noise), 75) << from << " to " << to << ", " << hz << " Hz";
    }
  }
}

TEST(Resampler, WhatTheSlowerRateCannotHoldIsSilenced) {
  for (const double hz : {8000, 9000, 12000, 20000}) {
    const std::vector<float> out = resampled(sine(hz, 44100, 44100), 44100, 16000);
    double most = 0;
    for (std::size_t n = 100; n < out.size() - 100; ++n)
      most = std::max(most, std::abs(static_cast<double>(out[n])));
    EXPECT_LT(most, 2e-4) << hz;
  }
}

TEST(Resampler, AConstantStaysWhatItIs) {
  const std::vector<float> out = resampled(std::vector<float>(5000, 0.25F), 44100, 16000);
  for (std::size_t n = 100; n < out.size() - 100; ++n) EXPECT_NEAR(out[n], 0.25F, 1e-6F);
}

TEST(Resampler, BlocksDoNotShow) {
  const std::vector<float> samples = sine(1234, 44100, 20011);
  for (const auto [from, to] : kRates) {
    const std::vector<float> whole = resampled(samples, from, to, samples.size());
    EXPECT_EQ(whole.size(), (samples.size() * to + from - 1) / from);
    EXPECT_EQ(whole.size(), Resampler(from, to).output_length(samples.size()));
    for (const std::size_t block : {1, 7, 1024, 4099})
      EXPECT_EQ(resampled(samples, from, to, block), whole) << from << " to " << to << " by " << block;
  }
  EXPECT_EQ(resampled({}, 8000, 16000).size(), 0U);
  EXPECT_EQ(resampled({1}, 16000, 8000).size(), 1U);
}

TEST(Resampler, LengthsDoNotOverflow) {
  EXPECT_EQ(Resampler(1, 100).output_length(UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(Resampler(100, 1).output_length(UINT64_MAX), UINT64_MAX / 100 + 1);
}

TEST(Resampler, RatesTooFarApartAreRefused) {
  EXPECT_THROW(Resampler(0, 8000), Error);
  EXPECT_THROW(Resampler(8000, 0), Error);
  EXPECT_THROW(Resampler(384000, 2900), Error);
  EXPECT_THROW(Resampler(1, 129), Error);
  EXPECT_THROW(Resampler(16385, 128), Error);
  EXPECT_NO_THROW(Resampler(16384, 128));
}

}  // namespace
}  // namespace carousel
