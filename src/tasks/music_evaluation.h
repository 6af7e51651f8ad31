// How good a model of music is, beside what notes' frequencies and the step before alone tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/music.h"

namespace carousel {

struct MusicScore {
  std::string name;  ///< "model", "frequencies", "step before"
  double nats = 0;   ///< mean over all steps of all pieces of -log p of what sounds and what does not
  /// Notes told (likelier than not) that sounded, by all that were told or sounded: Bay, Ehmann & Downie,
  /// ISMIR 2009, eq. 3.
  double accuracy = 0;
};

/// One pitch's share of the nats.
struct PitchScore {
  std::uint8_t pitch = 0;
  std::size_t steps = 0;                ///< in which it sounds
  double model = 0, best_baseline = 0;  ///< NaN without baselines
};

struct MusicEvaluation {
  std::string data;       ///< path of the music judged on
  bool test_part = true;  ///< of the music trained on; false: all of another file
  PianoKeys keys = PianoKeys::piano;
  std::size_t pieces = 0, steps = 0, notes = 0;  ///< judged on; a note of two steps counts twice
  std::vector<BadExample> left_out;
  MusicScore model;
  std::vector<MusicScore> baselines;
  std::string no_baselines;  ///< why there are none; "": there are
  bool beats_baselines = false;
  bool diverged = false;           ///< the model's score is no finite number
  std::vector<PitchScore> scores;  ///< of all keys

  std::string excerpt_name;
  PitchSteps excerpt;            ///< the beginning of the first piece
  std::vector<double> expected;  ///< [excerpt, pitches]: the model's probabilities, from the steps before
  PitchSteps sample;             ///< what the model writes by itself, temperature 1, seed 0
};

/// The model of a run folder, or a model file, on the test part of its music, or on all of another file or
/// folder; bad: of that. Deterministic: the same numbers whenever and on however many threads. Throws
/// DataError, FileError, ModelError, SettingError.
MusicEvaluation evaluate_music(const std::string& run, const std::optional<std::string>& data,
                               ThreadPool& pool, const BadExamples& bad = {});

}  // namespace carousel
