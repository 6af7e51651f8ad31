// How well a model transcribes, beside what can be had without listening.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/detection_metrics.h"
#include "tasks/edit_distance.h"
#include "tasks/transcription.h"

namespace carousel {

struct TranscribeScore {
  std::string name;  ///< "model", "commonest symbol", "nothing"
  ErrorRate labels;  ///< over the symbols of texts
  ErrorRate words;   ///< over what blanks part; the same as labels where symbols are words
};

/// One sequence: what it says, and what was read.
struct Transcript {
  std::string example;
  std::string truth, text;
  std::vector<ReadSymbol> symbols;
  EditCounts edits;
};

/// What was heard and what was read over time, for a picture.
struct TranscriptPicture {
  Transcript transcript;
  std::size_t steps = 0, features = 0;
  std::vector<float> x;                      ///< [steps, features], scaled
  std::size_t frames = 0;                    ///< that come out
  std::vector<std::string> names;            ///< of the outputs shown, the blank last
  std::vector<std::vector<double>> outputs;  ///< probabilities [names][frames]
};

struct KeywordScore {
  std::string keyword;
  DetectionCounts counts;
};

struct TranscribeEvaluation {
  std::string data;       ///< path of the examples judged on
  bool test_part = true;  ///< of the data trained on; false: all of other data
  std::size_t sequences = 0;
  std::vector<BadExample> left_out;
  double step_seconds = 0;
  TranscribeScore model;
  std::vector<TranscribeScore> baselines;
  std::string no_baselines;  ///< why there are none; "": there are
  bool beats_baselines = false, diverged = false;
  std::vector<Transcript> transcripts;  ///< in order of length
  std::vector<TranscriptPicture> pictures;
  double threshold = 0;  ///< of keywords, the best one on the validation part
  std::vector<KeywordScore> keywords;
};

/// As evaluate_classes.
TranscribeEvaluation evaluate_transcribe(const std::string& run, const std::optional<std::string>& data,
                                         ThreadPool& pool, const ReadingSearchOptions& options = {},
                                         const BadExamples& bad = {});

}  // namespace carousel
