// The generate task on music: trains a network to tell the notes of the next step, and goes on with a run
// that was stopped. generate.h calls it where the settings say so.
#pragma once

#include <span>
#include <string>

#include "base/thread_pool.h"
#include "data/music.h"
#include "tasks/music_model.h"
#include "tasks/training_run.h"

namespace carousel {

/// The music of settings that are decided, in parts.
struct MusicData {
  GenerateSettings settings;
  std::vector<MusicPiece> pieces;
  Split parts;                  ///< of pieces
  std::vector<BadExample> bad;  ///< left out

  std::span<const MusicPiece> part(const Range& range) const {
    return std::span(pieces).subspan(range.begin, range.size());
  }
};

/// All steps of some pieces.
std::size_t steps_in(std::span<const MusicPiece> pieces);

/// Reads the music of settings and decides what they leave open. Throws SettingError, DataError, FileError.
MusicData prepare_music_data(const GenerateSettings& settings);

/// As train_generate and resume_generate.
TrainingResult train_music(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                           RunSink* sink);
TrainingResult resume_music(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                            RunSink* sink);

}  // namespace carousel
