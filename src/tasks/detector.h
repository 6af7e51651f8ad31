// A detector at work: rows in, each with its error and its score out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/anomaly_likelihood.h"
#include "tasks/detect_model.h"

namespace carousel {

/// What could not be told, such as anything about the first rows, is NaN.
struct DetectedRow {
  std::int64_t time = 0;         ///< seconds since 1970, or the row number without a frequency
  std::vector<double> values;    ///< [targets]
  std::vector<double> expected;  ///< [targets]: forecast from the row before, or written from memory
  double error = 0;              ///< mean over what was expected, in deviations of the training part
  double score = 0;              ///< see AnomalyLikelihood
  bool anomaly = false;          ///< score at or above the threshold
};

/// Errors of the rows of one series, in order. Keeps references. The same bits on any number of threads, and
/// in whatever portions rows come.
///
/// residual: the error of a row is the mean, over targets and over the `horizon` last forecasts of it, of the
/// distance between forecast and value; autoencoder: the mean, over targets and over the `context` rows that
/// end with it, of the distance between what was read and what was written. Distances are in standard
/// deviations of the target on the training part. Rows without a whole context behind them have no error.
class RowErrors {
 public:
  RowErrors(const DetectModel& model, ThreadPool& pool);

  /// The next rows, [rows.begin, rows.end) of series 0 of windows, which must hold, before them, as many rows
  /// as a forecast looks at. place: the number of row rows.begin counted from the first row of all. Fills
  /// values, expected and error.
  void add(const Windows& windows, Range rows, std::size_t place, std::vector<DetectedRow>& out);

 private:
  void add_forecasts(const Windows& windows, Range rows, std::size_t place, std::span<DetectedRow> out);
  void compare(DetectedRow& row) const;
  void add_memories(const Windows& windows, Range rows, std::size_t place, std::span<DetectedRow> out);

  const DetectModel& model_;
  ThreadPool& pool_;
  std::vector<double> deviations_;              // [targets]
  std::vector<std::vector<double>> forecasts_;  // the last ones, the newest first: [horizon * targets] each
};

/// Rows with errors and scores. Keeps references.
class Detector {
 public:
  Detector(const DetectModel& model, ThreadPool& pool);
  /// As RowErrors::add, with scores.
  void add(const Windows& windows, Range rows, std::size_t place, std::vector<DetectedRow>& out);

 private:
  const DetectModel& model_;
  RowErrors errors_;
  AnomalyLikelihood likelihood_;
};

/// All rows of a series, with errors alone, and with scores as well.
std::vector<DetectedRow> errors_of_rows(const DetectModel& model, const Windows& windows, ThreadPool& pool);
std::vector<DetectedRow> detect_rows(const DetectModel& model, const Windows& windows, ThreadPool& pool);

/// The errors of the forecast that every row is as one season before (without a season: as the row before),
/// in the same units; where that row is missing, NaN. coding's logarithms have been taken of windows.
std::vector<double> naive_errors(const ForecastCoding& coding, const Windows& windows);

}  // namespace carousel
