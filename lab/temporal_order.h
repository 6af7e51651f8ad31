// Temporal order: Hochreiter & Schmidhuber, Neural Computation 9, 1997, experiments 6a and 6b. A sequence of
// 100 to 110 symbols: E first, B last, X or Y at two or three places far apart, a, b, c or d elsewhere. At
// the end the network should name the order of the X and Y.
#pragma once

#include "lab/lag_task.h"

namespace carousel::lab {

class TemporalOrder final : public LagTask {
 public:
  /// marks: 2 (experiment 6a, 4 classes) or 3 (6b, 8 classes).
  explicit TemporalOrder(std::size_t marks) : marks_(marks) {}

  std::size_t inputs() const override { return 8; }  // a b c d X Y E B
  std::size_t outputs() const override { return std::size_t{1} << marks_; }
  std::size_t draw(const Random& random) override;
  void input(std::size_t t, std::span<double> x) const override;
  void target(std::span<double> target) const override;

 private:
  std::size_t marks_;
  std::vector<std::uint8_t> symbols_;
  std::size_t order_ = 0;
};

/// Published: 6a after 31,390 sequences, 1 of 2,560 wrong; 6b after 571,100, 2 wrong. figure: wrong of 2,560.
/// Met: stopped within 65,000 (6b: 1,200,000) sequences, at most 3 wrong.
extern const Experiment kTemporalOrder, kTemporalOrder3;

}  // namespace carousel::lab
