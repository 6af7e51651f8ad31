// Scores of the rows of a CSV file, or of a stream as they arrive.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/detector.h"

namespace carousel {

struct DetectedTable {
  bool has_time = false;
  std::string time_name;  ///< of the column; empty: none
  std::vector<std::string> targets;
  std::vector<DetectedRow> rows;
};

/// All rows of a CSV file, by the model of a run folder or a model file. Throws DataError, FileError,
/// ModelError. weights: as load_model takes them.
DetectedTable predict_detect(const std::string& run, const std::string& data, ThreadPool& pool,
                             std::optional<WeightFormat> weights = {});

/// Each row as it arrives, with the same bits as predict_detect gives it.
class DetectStream {
 public:
  /// data: a path, or "-" for standard input.
  DetectStream(const std::string& run, const std::string& data, ThreadPool& pool,
               std::optional<WeightFormat> weights = {});
  ~DetectStream();
  DetectStream(DetectStream&&) noexcept;

  /// Names, without rows.
  const DetectedTable& head() const noexcept;
  /// Waits for the next row; it, after the rows of a gap before it, if there was one, or nothing at the end
  /// of the stream.
  std::optional<std::vector<DetectedRow>> next();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace carousel
