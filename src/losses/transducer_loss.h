// The loss of an RNN transducer: a sequence of symbols from another one of T steps, where any number of
// symbols may be put out at a step. The model gives odds for each node of a lattice, the step t and the
// number u of symbols put out so far: N symbols and, behind them, the blank, which goes on to the next step.
// A path begins at (0, 0); of the node (t, u), the symbol y_{u+1} leads to (t, u + 1) and the blank to (t +
// 1, u). It ends with the blank of (T - 1, U). With e_tu(k) = log softmax(p_tu)_k:
//
//     a(0, 0) = 0
//     a(t, u) = log(exp(a(t-1, u) + e_{t-1,u}(blank)) + exp(a(t, u-1) + e_{t,u-1}(y_u)))
//     b(t, u) = log(exp(e_tu(blank) + b(t+1, u)) + exp(e_tu(y_{u+1}) + b(t, u+1))),   b(T, U) = 0
//     log p(y) = b(0, 0) = a(T-1, U) + e_{T-1,U}(blank),   loss = -log p(y)
//
// derivative on p_tuk, the share of the paths through a node and through each of its two ways on:
//
//     softmax(p_tu)_k exp(a(t, u) + b(t, u) - log p) - [k = blank] exp(a(t, u) + e_tu(blank) + b(t+1, u) -
//     log p)
//                                                    - [k = y_{u+1}] exp(a(t, u) + e_tu(k) + b(t, u+1) - log
//                                                    p)
//
// Graves, "Sequence Transduction with Recurrent Neural Networks", 2012, eq. 12 to 20.
#pragma once

#include "losses/path_loss.h"

namespace carousel {

/// The rows of predictions are the nodes of each sequence's lattice, (t, u) in row t (U + 1) + u. A target
/// without symbols is legal, and so is no step for it; other targets without a step are left out. Takes 32 T
/// (U + 1) bytes for the longest sequence of each thread.
template <class T>
class TransducerLoss final : public PathLoss<T> {
 public:
  /// classes: symbols and the blank.
  explicit TransducerLoss(std::size_t classes) : PathLoss<T>("transducer", classes) {}

 private:
  bool has_path(std::size_t rows, std::span<const std::size_t> symbols, std::size_t b) const override;
  std::unique_ptr<PathSums<T>> make_sums() const override;
};

}  // namespace carousel
