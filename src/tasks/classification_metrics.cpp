#include "tasks/classification_metrics.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/compensated_sum.h"
#include "tasks/ratio.h"

namespace carousel {

ConfusionMatrix::ConfusionMatrix(std::size_t classes) : classes_(classes) {
  if (classes < 1 || classes > kMostClasses)
    throw SettingError(fmt::format("classes: found {}, expected from 1 to {}", classes, kMostClasses));
  counts_.resize(classes * classes);
  strangers_.resize(classes);
}

void ConfusionMatrix::add(std::size_t truth, std::size_t predicted) {
  if (truth >= classes_ || predicted >= classes_)
    throw Error(fmt::format("[confusion] expected classes below {}, got {} taken for {}", classes_, truth,
                            predicted));
  ++counts_[truth * classes_ + predicted];
}

void ConfusionMatrix::add(std::span<const std::size_t> truth, std::span<const std::size_t> predicted) {
  if (truth.size() != predicted.size())
    throw Error(fmt::format("[confusion] expected a class predicted for each of {}, got {}", truth.size(),
                            predicted.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) add(truth[i], predicted[i]);
}

void ConfusionMatrix::add_stranger(std::size_t truth, std::size_t predicted) {
  if (predicted >= classes_)
    throw Error(fmt::format("[confusion] expected a class below {}, got {}", classes_, predicted));
  ++strangers_[predicted];
  strange_.insert(truth);
}

ConfusionMatrix& ConfusionMatrix::operator+=(const ConfusionMatrix& other) {
  if (other.classes_ != classes_)
    throw Error(
        fmt::format("[confusion] expected counts [{0}, {0}], got [{1}, {1}]", classes_, other.classes_));
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  for (std::size_t k = 0; k < classes_; ++k) strangers_[k] += other.strangers_[k];
  strange_.insert(other.strange_.begin(), other.strange_.end());
  return *this;
}

std::uint64_t ConfusionMatrix::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto* counts : {&counts_, &strangers_})
    for (const std::uint64_t count : *counts) sum += count;
  return sum;
}

std::uint64_t ConfusionMatrix::right() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k < classes_; ++k) sum += counts_[k * classes_ + k];
  return sum;
}

double ConfusionMatrix::accuracy() const noexcept { return ratio(right(), total()); }

DetectionCounts ConfusionMatrix::of_class(std::size_t k) const {
  DetectionCounts result{.hits = count(k, k), .false_alarms = strangers_.at(k)};
  for (std::size_t other = 0; other < classes_; ++other) {
    if (other == k) continue;
    result.misses += count(k, other);
    result.false_alarms += count(other, k);
  }
  return result;
}

double ConfusionMatrix::macro_f1() const {
  CompensatedSum sum;
  std::size_t defined = strange_.size();
  for (std::size_t k = 0; k < classes_; ++k) {
    const double f1 = of_class(k).f1();
    if (std::isnan(f1)) continue;
    sum.add(f1);
    ++defined;
  }
  if (defined == 0) return std::numeric_limits<double>::quiet_NaN();
  return sum.value() / static_cast<double>(defined);
}

double ConfusionMatrix::micro_f1() const {
  DetectionCounts all;
  for (std::size_t k = 0; k < classes_; ++k) {
    all += of_class(k);
    all.misses += strangers_[k];
  }
  return all.f1();
}

}  // namespace carousel
