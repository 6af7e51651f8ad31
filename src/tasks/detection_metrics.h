// How good detections are: what was found beside what was there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/split.h"

namespace carousel {

/// Counts of true things found (hits), of true ones not found (misses), and of found ones that are not true.
/// A ratio of nothing to nothing is NaN.
struct DetectionCounts {
  std::uint64_t hits = 0, misses = 0, false_alarms = 0;

  /// hits / (hits + false alarms)
  double precision() const noexcept;
  /// hits / (hits + misses)
  double recall() const noexcept;
  /// Harmonic mean of both: 2 hits / (2 hits + misses + false alarms) (van Rijsbergen, "Information
  /// Retrieval", 2nd edition, 1979).
  double f1() const noexcept;

  DetectionCounts& operator+=(const DetectionCounts& other) noexcept;
  bool operator==(const DetectionCounts&) const = default;
};

/// Something of a kind (a keyword's number) at the steps [begin, end).
struct LabelledWindow {
  std::size_t label;
  Range steps;
  bool operator==(const LabelledWindow&) const = default;
};

/// Windows of one recording, each true one found at most once. `found` comes the most certain first, and each
/// takes that true window of its label, not yet taken, with which it has the most steps in common; of equal
/// ones the first. One that has no step in common with any is a false alarm.
DetectionCounts score_windows(std::span<const LabelledWindow> truth, std::span<const LabelledWindow> found);

/// Where one knows what is in a recording and not when: as many hits of a label as it is both there and
/// found.
DetectionCounts score_labels(std::span<const std::size_t> truth, std::span<const std::size_t> found);

/// Windows in which something is not as usual: hits are the true windows that have a step in common with any
/// window found, however many; false alarms the windows found that have none with any true one.
DetectionCounts score_anomalies(std::span<const Range> truth, std::span<const Range> found);

}  // namespace carousel
