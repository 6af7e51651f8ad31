// What models of classify, label and transcribe say of new data: of files, and of a stream step by step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "model/ctc_labelling.h"
#include "model/keyword_spotter.h"
#include "tasks/sequence_model.h"
#include "tasks/transcription.h"

namespace carousel {

/// Of a sequence, or of one of its steps.
struct ClassAnswer {
  std::string name;
  double probability = 0;
  std::vector<double> probabilities;  ///< of all classes, in the order of the model's
};
/// From a row of logarithms.
ClassAnswer class_answer(const SequenceCoding& coding, std::span<const float> log_probabilities);

/// Calls take(example, answers) for every example of a file, folder or manifest, in its order: one answer
/// (classify) or one for each step (label). Throws as read_other_sequences; behind the others, DataError
/// naming the first bad one.
using TakeClasses = std::function<void(const std::string& example, const std::vector<ClassAnswer>& answers)>;
void predict_classes(const SequenceModel& model, const std::string& path, ThreadPool& pool,
                     const TakeClasses& take);

/// What is wanted of a transcription.
struct ReadingOptions {
  ReadingSearch search;
  std::vector<std::string> keywords;  ///< to be spotted
  std::optional<double> threshold;    ///< keywords with lower scores are not told; see keyword_threshold
};
/// That of the options, else that of the model, else kStandardThreshold.
double keyword_threshold(const SequenceModel& model, const ReadingOptions& options) noexcept;
inline constexpr double kStandardThreshold = -1;
/// Throws SettingError for keywords that the model cannot spot, and for a threshold that is no score.
void check_keywords(const SequenceModel& model, const ReadingOptions& options);

struct ExampleReading {
  std::string example;
  Reading reading;
  std::vector<FoundKeyword> keywords;
};
void predict_transcripts(const SequenceModel& model, const std::string& path, const ReadingOptions& options,
                         ThreadPool& pool, const std::function<void(const ExampleReading&)>& take);

/// The same of one sequence of steps as the network reads them, x [T, 1, features].
ExampleReading predict_steps(const SequenceModel& model, const Sequences<float>& x, const std::string& name,
                             const ReadingOptions& options, ThreadPool& pool);

/// Keywords in what a network says of a stream, step by step.
class KeywordListener {
 public:
  /// Throws as check_keywords.
  KeywordListener(const SequenceModel& model, const ReadingOptions& options);
  /// One row of logarithms more. Keywords that are known to have been said now, see KeywordStream.
  std::vector<FoundKeyword> read(std::span<const float> log_probabilities);
  std::vector<FoundKeyword> finish();

 private:
  std::vector<KeywordStream> streams_;  // one a keyword
};

/// Steps of one sequence of numbers as they come.
class SequenceStream {
 public:
  /// whole: all steps are wanted at the end, whatever the network is.
  explicit SequenceStream(const SequenceModel& model, bool whole = false);

  /// Whether the network says something after every step; else at the end alone.
  bool immediate() const noexcept { return immediate_; }
  /// One step as it is read [features], more. Returns logarithms of what the network says of it where it is
  /// immediate, else nothing. Throws DataError, naming the step, for a number that is not finite.
  std::span<const float> push(std::span<const float> step);
  /// All steps, as a model that is not immediate reads them: [T, 1, features]. Throws DataError where there
  /// was none.
  Sequences<float> finish() const;
  std::size_t steps() const noexcept { return steps_; }

 private:
  const SequenceModel& model_;
  bool immediate_;
  std::size_t steps_ = 0;
  std::vector<float> x_, logits_, scratch_, all_;
  Tensor<float> state_;
};

}  // namespace carousel
