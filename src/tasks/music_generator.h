// A model of music at work: which notes come next, one step after the other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tasks/music_model.h"

namespace carousel {

/// How the notes of a step are drawn, each by itself.
struct MusicSampling {
  double temperature = 1;  ///< logarithms of odds are divided by it; 0: the notes likelier than not
  std::uint64_t seed = 0;
};
/// Throws SettingError naming the option.
void check_options(const MusicSampling& options);

/// Keeps a reference to the model.
class MusicGenerator {
 public:
  /// A piece begins: before its first step.
  explicit MusicGenerator(const MusicModel& model);

  /// Goes on behind a step in which these sound. Throws DataError for a pitch that is none of the model's
  /// keys.
  void read(std::span<const std::uint8_t> pitches);
  /// Of each key to sound at the next step, logarithms of odds: [pitches].
  std::span<const float> log_odds() const { return log_odds_; }
  /// Draws the pitches of the next step, ascending, and reads them.
  std::vector<std::uint8_t> next(const MusicSampling& options);

 private:
  void step();

  const MusicModel* model_;
  Tensor<float> state_;
  std::vector<float> scratch_, notes_, log_odds_;
  std::uint64_t drawn_ = 0;
};

}  // namespace carousel
