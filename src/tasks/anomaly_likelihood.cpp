#include "tasks/anomaly_likelihood.h"

#include <algorithm>
#include <cmath>

#include "base/compensated_sum.h"
#include "tasks/normal_tail.h"

namespace carousel {
namespace {

/// Beyond it squares could overflow.
constexpr double kMostError = 1e100;

}  // namespace

NormalErrors normal_errors(std::span<const double> errors) noexcept {
  CompensatedSum sum, squares;
  double count = 0;
  for (const double error : errors)
    if (!std::isnan(error)) {
      sum.add(std::min(error, kMostError));
      ++count;
    }
  if (count == 0) return {};
  const double mean = sum.value() / count;
  for (const double error : errors) {
    const double distance = std::min(error, kMostError) - mean;
    if (!std::isnan(error)) squares.add(distance * distance);
  }
  const double deviation = std::sqrt(squares.value() / count);
  const double least = mean > 0 ? 1e-3 * mean : 1.0;
  return {mean, deviation > 0 ? deviation : least};
}

AnomalyLikelihood::AnomalyLikelihood(std::size_t long_rows, std::size_t short_rows, NormalErrors normal)
    : long_rows_(long_rows), short_rows_(short_rows), normal_(normal) {}

double AnomalyLikelihood::short_mean() const noexcept {
  CompensatedSum sum;
  for (const double error : short_) sum.add(error);
  return sum.value() / static_cast<double>(short_.size());
}

/// What adding and taking away has lost to rounding does not add up for ever.
void AnomalyLikelihood::sum_anew() noexcept {
  CompensatedSum sum, squares;
  for (const double error : last_) {
    const double distance = error - normal_.mean;
    sum.add(distance);
    squares.add(distance * distance);
  }
  sum_ = sum.value();
  squares_ = squares.value();
}

void AnomalyLikelihood::keep(double error) {
  const double distance = error - normal_.mean, before = squares_;
  if (last_.size() == long_rows_) {
    const double old = last_[count_ % long_rows_] - normal_.mean;
    sum_ -= old;
    squares_ -= old * old;
  }
  // Where nearly all of a sum was one error that leaves, rounding has eaten what stays.
  const bool eaten = squares_ < 1e-6 * before;
  sum_ += distance;
  squares_ += distance * distance;
  const auto put = [&](std::vector<double>& ring, std::size_t size) {
    ring.size() < size ? ring.push_back(error) : void(ring[count_ % size] = error);
  };
  put(last_, long_rows_);
  put(short_, short_rows_);
  ++count_;
  if (eaten || count_ % long_rows_ == 0) sum_anew();
}

double AnomalyLikelihood::add(double error) {
  if (std::isnan(error)) return error;
  keep(std::min(error, kMostError));
  // The rows that have not come yet: at distance 0, with the deviation of what is normal.
  const auto all = static_cast<double>(long_rows_);
  const double missing = all - static_cast<double>(last_.size());
  const double mean = sum_ / all;
  const double variance = (squares_ + missing * normal_.deviation * normal_.deviation) / all - mean * mean;
  // Errors that all but agree have no spread to judge by; then what was normal tells the scale.
  const double least = 1e-3 * normal_.deviation;
  const double deviation = std::max(std::sqrt(std::max(variance, 0.0)), least);
  return normal_tail_score((short_mean() - normal_.mean - mean) / deviation);
}

}  // namespace carousel
