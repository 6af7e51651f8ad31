// How good a classifier is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "tasks/detection_metrics.h"

namespace carousel {

/// How often each class was taken for each: counts [K, K], a row for each true class. Whole numbers, so the
/// order of calls does not show. A ratio of nothing to nothing is NaN.
class ConfusionMatrix {
 public:
  static constexpr std::size_t kMostClasses = 4096;  ///< 2^24 counts, 128 MiB

  /// Throws SettingError unless there are 1 to kMostClasses classes.
  explicit ConfusionMatrix(std::size_t classes);

  /// Throws Error for what is no class.
  void add(std::size_t truth, std::size_t predicted);
  /// One to one; throws Error also if there are not as many of both.
  void add(std::span<const std::size_t> truth, std::span<const std::size_t> predicted);
  /// One of a class that is none of these, numbered by the caller: wrong, and a false alarm of the one it was
  /// taken for. Throws Error for what is no class.
  void add_stranger(std::size_t truth, std::size_t predicted);
  /// Throws Error for another number of classes.
  ConfusionMatrix& operator+=(const ConfusionMatrix& other);

  std::size_t classes() const noexcept { return classes_; }
  std::uint64_t count(std::size_t truth, std::size_t predicted) const {
    return counts_.at(truth * classes_ + predicted);
  }
  /// [K, K], row-major, without strangers.
  std::span<const std::uint64_t> counts() const noexcept { return counts_; }
  std::uint64_t total() const noexcept;
  std::uint64_t right() const noexcept;

  /// Share of all that is right; in a protein's three kinds of structure, Q3.
  double accuracy() const noexcept;
  /// One class against all others: precision(), recall(), f1().
  DetectionCounts of_class(std::size_t k) const;
  /// Mean of F1 over the classes that occur or are predicted; classes of strangers have 0.
  double macro_f1() const;
  /// F1 of the counts of all classes together. A case taken for another class is a miss of one and a false
  /// alarm of the other, so this is the accuracy.
  double micro_f1() const;

 private:
  std::size_t classes_;
  std::vector<std::uint64_t> counts_, strangers_;  // strangers: [K], what they were taken for
  std::set<std::size_t> strange_;                  // their classes
};

}  // namespace carousel
