// Connectionist temporal classification: a sequence of symbols from a longer one of outputs, where nobody
// says which step a symbol belongs to. The outputs are N symbols and, behind them, the blank; symbols keep
// their numbers 0 ... N - 1. At each step the network puts out one of the N + 1, at odds exp(p); a path of
// them stands for the symbols that are left when repetitions are made one and then blanks are taken out. The
// loss is that of all paths that stand for the target l of U symbols:
//
//     l' = blank, l_1, blank, ..., l_U, blank                                        S = 2 U + 1 places
//     e_t(s) = log softmax(p_t) at l'_s
//     a_t(s) = e_t(s) + log(exp a_{t-1}(s) + exp a_{t-1}(s-1) + [l'_s != blank, l'_{s-2}] exp a_{t-1}(s-2))
//     log p(l) = log(exp a_T(S) + exp a_T(S-1)),  loss = -log p(l)
//
// with b_t(s) the log probability of all that follows a path at place s of step t, derivative on p_tk:
//
//     softmax(p_t)_k - sum over s with l'_s = k of exp(a_t(s) + b_t(s) - log p(l))
//
// Graves, Fernandez, Gomez & Schmidhuber, "Connectionist Temporal Classification", ICML 2006, eq. 6 to 16;
// b is theirs without the emission of step t, and the blank has the last number (theirs has none).
#pragma once

#include "losses/path_loss.h"

namespace carousel {

/// Fewest steps that have a path for such a target: one for each symbol, and one for a blank between two
/// equal neighbours.
std::size_t ctc_steps(std::span<const std::size_t> symbols) noexcept;

/// The rows of predictions are the steps. Without a symbol a target is legal: all blanks. One that needs more
/// steps than there are (ctc_steps) is left out. Training takes 8 T (2 U + 1) bytes for the longest sequence
/// of each thread.
template <class T>
class Ctc final : public PathLoss<T> {
 public:
  /// classes: symbols and the blank.
  explicit Ctc(std::size_t classes) : PathLoss<T>("ctc", classes) {}

 private:
  bool has_path(std::size_t rows, std::span<const std::size_t> symbols, std::size_t) const override {
    return ctc_steps(symbols) <= rows;
  }
  std::unique_ptr<PathSums<T>> make_sums() const override;
};

}  // namespace carousel
