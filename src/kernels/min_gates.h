// The arithmetic of min_lstm and min_gru, whose gates see the input and nothing else: the gates of any rows
// of any steps at once, then for each unit a scan over time.
//
//     min_lstm  [4H] = i | f | g | z   i = sigmoid(.)  f = sigmoid(.)  z = i / (i + f)
//     min_gru   [2H] = z | g           z = sigmoid(.)
//     both      h_t = (1 - z) * h_{t-1} + z * g
//
// g is the pre-activation itself or, where it is to be positive, x + 1/2 for x >= 0 and sigmoid(x) below. z
// of min_lstm is computed from the exponentials that i and f are made of and, where both pre-activations are
// below -40, as the sigmoid of their difference: gates that are both 0 in floating point still have their
// share. Beside a gate that is larger, one of less than the smallest normal number may have an inexact share,
// or none. Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, "Were RNNs All We Needed?", 2024.
#pragma once

#include <cstddef>

#include "kernels/rows.h"

namespace carousel::kernels {

enum class MinForm { lstm, gru };

/// What the rows of gates hold.
struct MinGates {
  MinForm form;
  bool positive;  ///< the candidate g
  std::size_t hidden;

  /// Parts of a row that come out of the product with W.
  constexpr std::size_t products() const noexcept { return form == MinForm::lstm ? 3 : 2; }
  constexpr std::size_t width() const noexcept { return (form == MinForm::lstm ? 4 : 2) * hidden; }
  constexpr std::size_t g() const noexcept { return (form == MinForm::lstm ? 2 : 1) * hidden; }
  constexpr std::size_t z() const noexcept { return (form == MinForm::lstm ? 3 : 0) * hidden; }
};

/// Steps of a block. Over time both directions are v_t = a_t * v_{t-1} + c_t, computed block by block:
///
///     A_t = a_t * A_{t-1}    L_t = fma(a_t, L_{t-1}, c_t)    v_t = fma(A_t, s, L_t)
///
/// where s is v before the block, A = 1 and L = 0. A and L of a block need nothing of what was before it, so
/// that threads share out the blocks of one sequence; and the blocks are cut by the position in the sequence
/// alone, so that the bits are the same for any sharing.
///
/// An infinite s is where this differs from the recurrence: v is NaN from the step on where the product A
/// underflows to 0, and in all blocks behind, where the recurrence stays infinite until some a_t is 0.
inline constexpr std::size_t kMinBlock = 32;

/// Values for each unit that go from step to step: v | s | A | L, [H] each. v is what counts: where the rest
/// does not give it, a new block begins with it.
inline constexpr std::size_t kMinCarries = 4;

/// Some steps of one sequence, row by row.
template <class T>
struct MinScan {
  MinGates what;
  std::size_t steps;
  std::size_t left;     ///< of the block that the first step belongs to: steps from there on, 1 to kMinBlock
  Rows<const T> gates;  ///< [width] activations
  T* carry;             ///< [4H] v is h; in, before the first step; out, after the last
  Rows<T> h;            ///< [H] out; data null: the carry is all that is asked for
};

/// The same steps back, from the last to the first.
template <class T>
struct MinScanBack {
  MinGates what;
  std::size_t steps;
  std::size_t left;  ///< of the block that the last step belongs to: steps down from there, 1 to kMinBlock
  Rows<const T> gates;
  const T* h_previous;  ///< [H] before the first step
  Rows<const T> h, dy;  ///< [H]
  T* carry;  ///< [4H] v is the gradient on h; in, of the last step but for its dy; out, before the first
  Rows<T> dgates;  ///< [products * H] gradient on the pre-activations; data null: the carry is all
};

/// Pre-activations in, activations out, of rows [row, row + rows).
template <class T>
void min_gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows,
                       std::size_t unit, std::size_t units) noexcept;
template <class T>
void min_scan_forward(const MinScan<T>& scan) noexcept;
template <class T>
void min_scan_backward(const MinScanBack<T>& scan) noexcept;
/// carry: what a scan of a block from v = 0 left, but with v before the block in place of s. Gives v after
/// it, [H].
template <class T>
void min_scan_join(std::size_t hidden, const T* carry, T* after) noexcept;

}  // namespace carousel::kernels
