// From errors of a model to how unlikely they are: the anomaly likelihood of Lavin and Ahmad ("Evaluating
// Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", ICMLA 2015, section IV). With e the
// errors, m and v the mean and the variance of the last `long_rows` of them, and s the mean of the last
// `short_rows`,
//
//   z = (s - m) / sqrt(v)     score = -log10 Q(z),     Q the tail of the standard normal distribution.
//
// So a score of 5 says: errors as large as these, one time in 100,000. Their likelihood is 1 - Q(z); its
// logarithm tells apart what would all be rounded to 1.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace carousel {

/// Errors as they are where all is held to be normal.
struct NormalErrors {
  double mean = 0;
  double deviation = 1;  ///< above 0
};

/// Mean and deviation of errors, those that are NaN left out; a deviation that would be 0 is a thousandth of
/// the mean, or 1 where that is 0 as well. Without any: 0 and 1.
NormalErrors normal_errors(std::span<const double> errors) noexcept;

/// Takes errors one at a time; the same bits whoever asks in what portions.
class AnomalyLikelihood {
 public:
  /// Both counts at least 1. Until long_rows errors have come, the missing ones are taken to be `normal`.
  AnomalyLikelihood(std::size_t long_rows, std::size_t short_rows, NormalErrors normal);

  /// The score after this error, at least 0; an error above 1e100 counts as that. NaN for NaN, which is left
  /// out.
  double add(double error);

 private:
  void keep(double error);
  double short_mean() const noexcept;
  void sum_anew() noexcept;

  std::size_t long_rows_, short_rows_;
  NormalErrors normal_;
  std::vector<double> last_;   // a ring: error n lies at n % long_rows
  std::vector<double> short_;  // the same of short_rows
  std::size_t count_ = 0;
  double sum_ = 0, squares_ = 0;  // of what is in the ring, about normal_.mean
};

}  // namespace carousel
