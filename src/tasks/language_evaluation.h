// How good a language model is, beside what symbols' frequencies alone tell.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/generate.h"

namespace carousel {

struct LanguageScore {
  std::string name;  ///< "model", "frequencies", "pairs", "runs of 5"
  double nats = 0;   ///< mean of -log p of each symbol, given those before it
  double nats_per_character = 0, bits_per_character = 0;
  double perplexity = 0;  ///< exp(nats)
};

/// One layer's quantity while it reads the excerpt: values [rows, excerpt], row-major.
struct LanguageRecording {
  std::string layer, quantity;
  std::size_t rows = 0;
  std::vector<double> values;
};

struct LanguageEvaluation {
  std::string data;       ///< path of the text judged on
  bool test_part = true;  ///< of the text trained on; false: all of another one
  GenerateUnit unit = GenerateUnit::character;
  std::size_t symbols = 0, unknown = 0;  ///< judged on; those of them that training never saw
  LanguageScore model;
  double accuracy = 0;  ///< share of symbols that were the likeliest
  std::vector<LanguageScore> baselines;
  std::string no_baselines;  ///< why there are none; "": there are
  bool beats_baselines = false;
  bool diverged = false;  ///< the model's score is no finite number

  std::string sample;                ///< what the model writes by itself
  std::vector<std::string> excerpt;  ///< symbols of the text, and -log p of each, in nats; the first has none
  std::vector<double> losses;
  std::vector<LanguageRecording> recordings;
};

/// The model of a run folder, or a model file, on the test part of its text, or on all of another one.
/// Deterministic: the same numbers whenever and on however many threads. Throws DataError, FileError,
/// ModelError, SettingError.
LanguageEvaluation evaluate_generate(const std::string& run, const std::optional<std::string>& data,
                                     ThreadPool& pool);

}  // namespace carousel
