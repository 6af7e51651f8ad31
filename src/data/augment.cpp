#include "data/augment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "carousel/error.h"

namespace carousel {
namespace {

enum class Change : std::uint32_t { noise = 1, time_mask, frequency_mask };

/// A stream of random numbers for one change of one sample in one epoch.
Random random_for(const Draw& draw, Change change) {
  // Seed, epoch and change make the seed of the stream, and the index is its number.
  const auto mixed =
      philox({static_cast<std::uint32_t>(draw.epoch), static_cast<std::uint32_t>(draw.epoch >> 32),
              static_cast<std::uint32_t>(change), 0},
             {static_cast<std::uint32_t>(draw.seed), static_cast<std::uint32_t>(draw.seed >> 32)});
  return {static_cast<std::uint64_t>(mixed[0]) << 32 | mixed[1], draw.index};
}

/// A number of variance 1 from 128 random bits: eight 16-bit uniform numbers, whose sum has the variance
/// 8 (2^32 - 1) / 12.
float near_normal(const Random& random, std::uint64_t number) {
  constexpr double kScale = 1.8688123650118534e-5;  // sqrt(12 / (8 (2^32 - 1)))
  std::uint32_t sum = 0;
  for (const std::uint32_t word : random.block(number)) sum += (word & 0xFFFF) + (word >> 16);
  return static_cast<float>(kScale * (static_cast<double>(sum) - 4 * 65535.0));
}

struct Span {
  std::size_t begin, length;
};

Span mask_of(const Random& random, std::size_t number, std::size_t widest, std::size_t room) {
  const std::size_t length = random.below(2 * number, widest + 1);
  return {random.below(2 * number + 1, room - length + 1), length};
}

}  // namespace

void add_noise(std::span<float> samples, double snr_db, const Draw& draw) {
  if (!(std::abs(snr_db) <= 100)) {
    throw Error(fmt::format("[add_noise] expected a ratio of -100 to 100 dB, got {}", snr_db));
  }
  double power = 0;
  for (const float sample : samples) power += static_cast<double>(sample) * static_cast<double>(sample);
  if (power == 0) return;
  power /= static_cast<double>(samples.size());
  const auto amplitude = static_cast<float>(std::sqrt(power / std::pow(10, snr_db / 10)));
  const Random random = random_for(draw, Change::noise);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += amplitude * near_normal(random, i);
}

void mask_time(View<float> frames, const Masks& masks, double largest_share, const Draw& draw) {
  if (!(largest_share >= 0 && largest_share <= 1)) {
    throw Error(fmt::format("[mask_time] expected a largest share of 0 to 1, got {}", largest_share));
  }
  const std::size_t steps = frames.rows();
  const auto share = static_cast<std::size_t>(largest_share * static_cast<double>(steps));
  const Random random = random_for(draw, Change::time_mask);
  for (std::size_t m = 0; m < masks.count; ++m) {
    const Span span = mask_of(random, m, std::min({masks.width, share, steps}), steps);
    for (std::size_t t = span.begin; t < span.begin + span.length; ++t)
      std::ranges::fill(frames.row_span(t), 0.0F);
  }
}

void mask_frequency(View<float> frames, const Masks& masks, std::size_t groups, const Draw& draw) {
  if (groups == 0 || frames.columns() % groups != 0) {
    throw Error(fmt::format(
        "[mask_frequency] expected groups of equally many features, got {} groups and {} features", groups,
        frames.columns()));
  }
  const std::size_t bands = frames.columns() / groups;
  const Random random = random_for(draw, Change::frequency_mask);
  for (std::size_t m = 0; m < masks.count; ++m) {
    const Span span = mask_of(random, m, std::min(masks.width, bands), bands);
    for (std::size_t t = 0; t < frames.rows(); ++t)
      for (std::size_t group = 0; group < groups; ++group)
        std::fill_n(frames.row(t) + group * bands + span.begin, span.length, 0.0F);
  }
}

}  // namespace carousel
