// What models of classify, label and transcribe say of new data: of files, and of a stream step by step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "model/ctc_labelling.h"
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
  std::optional<std::size_t> width;   ///< texts at a time; not set: standard_width
  std::vector<std::string> keywords;  ///< to be spotted
  double threshold = -1;              ///< keywords with lower scores are not told
};
/// Throws SettingError for keywords that the model cannot spot.
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

/// Steps of one sequence of numbers as they come.
class SequenceStream {
 public:
  explicit SequenceStream(const SequenceModel& model);

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
