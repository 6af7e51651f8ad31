// How good a translator is, beside what takes no learning.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tasks/translate.h"
#include "tasks/translator.h"

namespace carousel {

/// An answer is compared with that reference of its source which takes the fewest edits.
struct TranslateScore {
  std::string name;            ///< "model", "copy", "most frequent", "nearest"
  double line_error_rate = 0;  ///< share of answers that are none of the references
  /// Symbols (judged_unit) replaced, inserted and deleted, over those of the references.
  double symbol_error_rate = 0;
  double bleu = 0;  ///< from 0 to 1; NaN where symbols are no words
};

/// What errors are counted in: of byte pairs, words.
LineUnit judged_unit(LineUnit target_unit) noexcept;

struct TranslateAnswer {
  TranslateExample example;
  std::vector<std::string> source;  ///< symbols that the encoder read
  Translation answer;
};

struct TranslateEvaluation {
  std::string data;       ///< path of the pairs judged on
  bool test_part = true;  ///< of the pairs trained on; false: all of others
  LineUnit source_unit = LineUnit::character, target_unit = LineUnit::character;
  std::size_t sources = 0, pairs = 0;
  std::size_t unknown = 0;  ///< symbols of the sources that are not in the vocabulary
  double loss = 0;          ///< mean of -log p of each target's symbol and of the ends, in nats
  TranslateScore model;
  /// copy: the source is the answer. most frequent: of the training part's targets. nearest: the target of
  /// that source of the training part which is nearest by edits; left out where that would take too long.
  std::vector<TranslateScore> baselines;
  std::string no_baselines;      ///< why there are none; "": there are
  bool beats_baselines = false;  ///< by symbol_error_rate
  bool diverged = false;         ///< the model gives no finite numbers: it has no score
  std::vector<BadExample> left_out;

  std::vector<TranslateAnswer> right, wrong;  ///< the first of each
};

/// The model of a run folder, or a model file, on the test part of its pairs, or on all of another file's;
/// bad: of its lines. Deterministic: the same numbers whenever and on however many threads. Throws DataError,
/// FileError, ModelError.
TranslateEvaluation evaluate_translate(const std::string& run, const std::optional<std::string>& data,
                                       ThreadPool& pool, const BadExamples& bad = {});

}  // namespace carousel
