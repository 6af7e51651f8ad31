// The generate task: trains a model that writes into a run folder, and goes on with one that was stopped.
// This file has the language models; music.h is called for the others.
#pragma once

#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "data/split.h"
#include "tasks/language_model.h"
#include "tasks/training_run.h"

namespace carousel {

/// A text file read, cut into pieces and parts.
struct LanguageData {
  LanguageCoding coding;
  std::vector<std::size_t> symbols;  ///< of the whole text
  Split parts;                       ///< of symbols
  std::size_t characters = 0;        ///< of the test part, behind its first symbol

  std::span<const std::size_t> part(const Range& range) const {
    return std::span(symbols).subspan(range.begin, range.size());
  }
};

/// Reads the text of settings and decides what they leave open; the vocabulary is that of the training part.
/// Throws SettingError, DataError, FileError.
LanguageData prepare_language_data(const GenerateSettings& settings);
/// The file that a model was trained on, read and cut as then.
LanguageData read_own_text(const LanguageCoding& coding);

/// Trains into a run folder (made if missing), replacing a run that is there. sink may be null. Throws
/// SettingError, DataError, FileError, TrainingError.
TrainingResult train_generate(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                              RunSink* sink);

/// Goes on with a run from its last checkpoint, or from the beginning if there is none yet. The final model
/// has the same bytes as that of the run never stopped. Throws also ModelError; DataError where the text is
/// no longer the one the run began with.
TrainingResult resume_generate(const RunFolder& folder, ThreadPool& pool, RunSink* sink);

}  // namespace carousel
