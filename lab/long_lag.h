// Long time lags: Hochreiter & Schmidhuber, Neural Computation 9, 1997, experiments 2a and 2c.
#pragma once

#include <cstdint>

#include "lab/experiment.h"
#include "lab/lag_task.h"

namespace carousel::lab {

/// 2a: two sequences of p + 1 symbols, (y, a_1, ..., a_p-1, y) and (x, a_1, ..., a_p-1, x), each with
/// probability 1/2. At every step the next symbol is to be told; the last one is known only from the first.
/// 10,504 weights for p = 100. Published: 5,040 sequences. figure: the largest error of any output in 10,000
/// sequences. Met: below 0.25, within 50,000 sequences.
extern const Experiment kLongLag2a;

/// 2c: (b, y, q + k of the distractors, e, y) or the same with x: what follows e is to be told, from what was
/// second. k >= 0 has probability 1/10 (9/10)^k.
class LongLag final : public LagTask {
 public:
  /// p distractors.
  LongLag(std::size_t p, std::size_t q) : p_(p), q_(q) {}

  std::size_t inputs() const override { return p_ + 4; }  // distractors, e, b, x, y
  std::size_t outputs() const override { return 2; }
  std::size_t draw(const Random& random) override;
  void input(std::size_t t, std::span<double> x) const override;
  void target(std::span<double> target) const override;

 private:
  std::size_t p_, q_;
  std::vector<std::size_t> symbols_;
};

/// Published: p = q = 50 after 30,000 sequences, 100: 31,000, 1000: 49,000. figure: sequences learned from
/// when the last 10,000 all had errors below 0.2. p = q = 1000 here. Met: that within 200,000 sequences.
extern const Experiment kLongLag2c;

}  // namespace carousel::lab
