// The arithmetic of an mLSTM: q, k, v and the gates of any rows of any steps at once, then head by head what
// some steps do to the matrix that is the head's memory, and the same steps back.
//
// A row of activations is [4H + 5N] = q | k | v | o [H each] | i | f | slope | m | s [N each], for N
// heads of d = H / N units. C is kept as C[j][u], j an element of k, u one of v:
//
//     k = (.) / sqrt(d)   o = sigmoid(.)   m_t = max(log f + m_{t-1}, .)   with f = sigmoid(.) or exp(.)
//     i = exp(. - m_t)    f = exp(log f + m_{t-1} - m_t)
//     C_t[j][u] = fma(k[j], i v[u], f C_{t-1}[j][u])        n_t = fma(i, k, f n_{t-1})
//     s = n_t . q         h = o * C_t q / max(|s|, exp(-m_t))
//
// Beck, Poeppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter & Hochreiter, "xLSTM: Extended
// Long Short-Term Memory", NeurIPS 2024, eq. 19 to 27, in its stabilised form. C_t q is one chain of fused
// multiply-adds over ascending j, n . q one fixed tree (reductions.h).
#pragma once

#include <array>
#include <cstddef>

#include "kernels/reductions.h"
#include "kernels/rows.h"

namespace carousel::kernels {

/// Steps of a head that one call takes, at most: the matrix goes through the registers once for all of them,
/// and what they read and write stays in the first-level cache.
inline constexpr std::size_t kMlstmSteps = 16;

/// Where the parts of a row of activations begin.
struct MlstmRow {
  std::size_t heads, size;  ///< N, d
  bool exponential;         ///< the forget gate

  constexpr std::size_t hidden() const noexcept { return heads * size; }
  constexpr std::size_t k() const noexcept { return hidden(); }
  constexpr std::size_t v() const noexcept { return 2 * hidden(); }
  constexpr std::size_t o() const noexcept { return 3 * hidden(); }
  constexpr std::size_t i() const noexcept { return 4 * hidden(); }
  constexpr std::size_t f() const noexcept { return i() + heads; }
  /// Columns that come out of the product with W: q, k, v, o, i, f. Gradients are in this order, too.
  constexpr std::size_t products() const noexcept { return f() + heads; }
  /// Of log f on f's pre-activation.
  constexpr std::size_t slope() const noexcept { return products(); }
  constexpr std::size_t m() const noexcept { return slope() + heads; }
  constexpr std::size_t s() const noexcept { return m() + heads; }
  constexpr std::size_t width() const noexcept { return s() + heads; }

  /// Of a vector [d] in scratch: whole vectors on every target.
  constexpr std::size_t padded() const noexcept { return (size + kLanes - 1) / kLanes * kLanes; }
  constexpr std::size_t forward_scratch(std::size_t steps) const noexcept { return 4 * steps * padded(); }
  constexpr std::size_t backward_scratch() const noexcept { return 7 * kMlstmSteps * padded(); }
  /// Of kMlstmSteps steps: the gradient on C_t q and n_{t-1}, [padded] each, the gradient on s and, by way of
  /// exp(-m), on m.
  constexpr std::size_t note() const noexcept { return kMlstmSteps * (2 * padded() + 2); }
};

/// A row of each of some steps.
template <class T>
using MlstmRows = std::array<T*, kMlstmSteps>;

/// Steps of one head of one sequence.
template <class T>
struct MlstmForward {
  MlstmRow what;
  std::size_t head, steps;
  MlstmRows<T> row;  ///< activations; i: in, the pre-activation; f: in, log f
  T *C, *n, *m;      ///< the head's memory [d, d], [d], [1]: in, before the first step; out, after the last
  MlstmRows<T> h;    ///< [H] a row of outputs
  T* scratch;        ///< [what.forward_scratch(steps)]
};

/// The same steps again when backward comes, from the activations that they left, with C[u][j].
template <class T>
struct MlstmAgain {
  MlstmRow what;
  std::size_t head, steps;
  MlstmRows<const T> row, h, dh;  ///< h, dh: [H] a row of outputs, of gradients on them
  const T* C_before;
  T* C;                 ///< out: after the last step
  T* n;                 ///< in: before the first step; out: after the last
  T* note;              ///< [what.note()] out: for the steps back
  MlstmRows<T> dgates;  ///< [products] out: q and o
  T* scratch;           ///< [what.backward_scratch()]
};

/// Steps [begin, end) back, of those that were made again.
template <class T>
struct MlstmBackward {
  MlstmRow what;
  std::size_t head, begin, end;
  MlstmRows<const T> row;
  const T* note;
  const T* C_before;  ///< C[u][j], before step 0
  /// Gradients on the memory: in, on that after the last step; out, on that before the first. Those on C,
  /// kept both ways round, are to be multiplied by decay.
  T *dC, *dC_turned;  ///< dC[j][u], dC_turned[u][j]
  T *dn, *dm, *decay;
  MlstmRows<T> dgates;  ///< [products] out: k, v, i and f
  T* scratch;           ///< [what.backward_scratch()]
};

/// Rows [row, row + rows): q, k, v, o, log f and slope from pre-activations.
template <class T>
void mlstm_gates(const MlstmRow& what, Rows<T> gates, std::size_t row, std::size_t rows) noexcept;
template <class T>
void mlstm_forward(const MlstmForward<T>& run) noexcept;
template <class T>
void mlstm_again(const MlstmAgain<T>& run) noexcept;
template <class T>
void mlstm_backward(const MlstmBackward<T>& run) noexcept;
/// values [n] times by: what mlstm_backward leaves to be done.
template <class T>
void mlstm_decay(std::size_t n, T by, T* values) noexcept;

}  // namespace carousel::kernels
