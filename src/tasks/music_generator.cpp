#include "tasks/music_generator.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "tasks/setting_checks.h"

namespace carousel {

static constexpr std::uint64_t kSamplingStream = 0x6e6f7465;  // of random numbers

void check_options(const MusicSampling& options) { check_number("temperature", options.temperature, 0, 100); }

MusicGenerator::MusicGenerator(const MusicModel& model)
    : model_(&model),
      state_(model.network.start(1)),
      scratch_(model.network.step_scratch(1)),
      notes_(model.network.inputs()),
      log_odds_(model.network.outputs()) {
  step();
}

void MusicGenerator::step() {
  model_->network.step(View<const float>(notes_.data(), 1, notes_.size()), state_.matrix(),
                       View<float>(log_odds_.data(), 1, log_odds_.size()), scratch_.data());
}

void MusicGenerator::read(std::span<const std::uint8_t> pitches) {
  const std::size_t lowest = lowest_pitch(model_->settings.keys);
  std::ranges::fill(notes_, 0.0f);
  for (const std::uint8_t pitch : pitches) {
    if (pitch < lowest || pitch - lowest >= notes_.size())
      throw DataError(fmt::format("found pitch {}, expected {} to {}, the keys of the model", pitch, lowest,
                                  lowest + notes_.size() - 1));
    notes_[pitch - lowest] = 1;
  }
  step();
}

std::vector<std::uint8_t> MusicGenerator::next(const MusicSampling& options) {
  const std::size_t lowest = lowest_pitch(model_->settings.keys);
  const Random random(options.seed, kSamplingStream);
  std::vector<std::uint8_t> pitches;
  for (std::size_t column = 0; column < log_odds_.size(); ++column) {
    const double odds = log_odds_[column];
    const bool sounds = options.temperature == 0 ? odds > 0
                                                 : random.uniform(drawn_ + column) <
                                                       1 / (1 + std::exp(-odds / options.temperature));
    if (sounds) pitches.push_back(static_cast<std::uint8_t>(lowest + column));
  }
  drawn_ += log_odds_.size();
  read(pitches);
  return pitches;
}

}  // namespace carousel
