// What the losses over alignments share: a target is a sequence of symbols, and its probability the sum of
// those of all paths that come to it.
#pragma once

#include "losses/loss.h"

namespace carousel {

/// The sums over the paths of one sequence, forward and backward. Used again, it keeps its memory.
template <class T>
struct PathSums {
  virtual ~PathSums() = default;
  /// -log of the probability of the symbols. rows: outputs of each step; gradient: as many rows for the
  /// derivatives, times scale, or none. There must be a path.
  virtual double evaluate(std::span<const T* const> rows, std::span<const std::size_t> symbols,
                          std::span<T* const> gradient, T scale) = 0;
};

/// prediction [T, B, N + 1], of which a loss says what its rows are; target [U, B, 1], symbols 0 ... N - 1;
/// the last output, number N, is the blank. The mean is over sequences. One whose target no path comes to is
/// left out, counted in LossValue::left_out and has no gradient: no weights could ever give it a probability.
template <class T>
class PathLoss : public Loss<T> {
 public:
  std::string name() const override { return name_; }
  std::size_t outputs_for(std::size_t targets) const noexcept override { return classes_ * targets; }
  bool whole_sequences() const noexcept override { return true; }
  std::size_t blank() const noexcept { return classes_ - 1; }

  /// The rows of one sequence: prediction [T, N + 1], target [U, 1].
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;
  /// Throws Error for a target that is no symbol, naming its place.
  LossValue evaluate_sequences(ThreadPool& pool, const Sequences<T>& prediction, const Sequences<T>& target,
                               Sequences<T>* gradient) const override;

 protected:
  /// classes: N + 1. Throws SettingError unless there is at least one symbol, at most 2^24 classes.
  PathLoss(std::string name, std::size_t classes);

 private:
  /// For the rows of sequence b. Throws Error where there cannot be so many.
  virtual bool has_path(std::size_t rows, std::span<const std::size_t> symbols, std::size_t b) const = 0;
  virtual std::unique_ptr<PathSums<T>> make_sums() const = 0;

  std::string name_;
  std::size_t classes_;
};

}  // namespace carousel
