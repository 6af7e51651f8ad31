// A trained detector judged on data: the windows it finds, beside those that are labelled and those that a
// forecast anybody can make finds, and how far off its forecasts are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/anomaly_windows.h"
#include "tasks/detection_metrics.h"
#include "tasks/detector.h"
#include "tasks/forecast_evaluation.h"

namespace carousel {

struct DetectEvaluation {
  std::string data;         ///< path of the file judged on
  bool test_part = true;    ///< of the data trained on; false: all of another file
  bool trained_on = false;  ///< another path, but what is there is the file trained on
  DetectMethod method = DetectMethod::residual;
  std::vector<std::string> targets;
  bool has_time = false;  ///< times are seconds since 1970
  double threshold = 0;
  std::size_t season = 0;
  std::vector<DetectedRow> rows;       ///< all that were judged
  std::vector<AnomalyWindow> windows;  ///< found, in numbers of `rows`
  /// Of the seasonal naive forecast's errors (without a season: of the naive one's), by the same likelihood.
  std::vector<AnomalyWindow> baseline_windows;
  std::optional<std::string> labels_path;      ///< not set: nobody has said what is there
  std::vector<Range> labels;                   ///< in numbers of `rows`
  DetectionCounts model, baseline;             ///< where there are labels
  bool beats_baseline = false;                 ///< the higher F1
  double mean_error = 0;                       ///< of all rows that have one
  bool diverged = false;                       ///< no row has a finite error, though the baseline has
  std::optional<ForecastEvaluation> forecast;  ///< of method residual

  std::string baseline_name() const { return season > 0 ? "seasonal naive" : "naive"; }
};

/// The model of a run folder, or a model file, on the test part of its data, or on all of another CSV file
/// with the same columns. labels: a path; not set: the one of the run's settings where it is the run's own
/// data. Deterministic: the same numbers whenever and on however many threads. Throws DataError, FileError,
/// ModelError, SettingError.
DetectEvaluation evaluate_detect(const std::string& run, const std::optional<std::string>& data,
                                 const std::optional<std::string>& labels, ThreadPool& pool);

}  // namespace carousel
