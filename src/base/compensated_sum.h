// A sum that carries its rounding error along: Neumaier, Zeitschrift für angewandte Mathematik und Mechanik
// 54, 1974.
#pragma once

#include <cmath>

namespace carousel {

class CompensatedSum {
 public:
  void add(double value) noexcept {
    const double sum = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  double value() const noexcept { return sum_ + lost_; }

 private:
  double sum_ = 0, lost_ = 0;
};

}  // namespace carousel
