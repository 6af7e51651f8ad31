// How good a model is that tells classes, of whole sequences (classify) or of their steps (label), beside
// baselines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/classification_metrics.h"
#include "tasks/long_work.h"
#include "tasks/sequence_model.h"

namespace carousel {

struct ClassScore {
  std::string name;  ///< "model", "most frequent", "nearest mean", "by symbol", "hidden Markov"
  double accuracy = 0, macro_f1 = 0;
};

/// Something that was told wrong.
struct ClassMistake {
  std::string example;
  std::size_t step = 0;  ///< of a label: from 1
  std::string truth, predicted;
  double probability = 0;  ///< that the model gave to what it said
};

/// The beginning of an example step by step, of the label task.
struct LabelStrip {
  std::string example;
  std::vector<std::string> symbols;  ///< empty where steps are numbers
  std::vector<std::string> truth, predicted;
  std::vector<double> probability;  ///< of what was predicted
};

struct ClassEvaluation {
  SequenceJob job = SequenceJob::classify;
  std::string data;                      ///< path of the examples judged on
  bool test_part = true;                 ///< of the data trained on; false: all of other data
  std::size_t examples = 0, judged = 0;  ///< sequences; classes told: as many, or one a step
  std::size_t unknown = 0;               ///< of them of classes that training never saw: told wrong
  std::vector<BadExample> left_out;
  std::vector<std::string> classes;
  ConfusionMatrix confusion{1};
  ClassScore model;
  double nats = 0;  ///< mean of -log p of the true class
  /// Of classify: the area under the ROC curve (tasks/roc.h) of one of two classes; of more, the mean of each
  /// against all others, over those that are there and are not all. NaN where there is none.
  double roc_auc = std::numeric_limits<double>::quiet_NaN();
  std::vector<ClassScore> baselines;
  std::string no_baselines;  ///< why there are none; "": there are
  bool beats_baselines = false;
  bool diverged = false;               ///< the score is no finite number
  std::vector<ClassMistake> mistakes;  ///< those that the model was surest of
  std::vector<LabelStrip> strips;
};

/// The model of a run folder, or a model file, on the test part of its data, or on all of other data; bad: of
/// those.
/// Deterministic: the same numbers whenever and on however many threads. Throws DataError, FileError,
/// ModelError, SettingError.
ClassEvaluation evaluate_classes(SequenceJob job, const std::string& run,
                                 const std::optional<std::string>& data, ThreadPool& pool,
                                 const BadExamples& bad = {}, const TellWork& tell = {});

}  // namespace carousel
