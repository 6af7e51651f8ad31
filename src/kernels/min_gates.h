// The arithmetic of min_lstm and min_gru, whose gates see the input and nothing else: the gates of any rows
// of any steps at once, then for each unit a chain of one fused multiply-add a step.
//
//     min_lstm  [4H] = i | f | g | z   i = sigmoid(.)  f = sigmoid(.)  z = i / (i + f)
//     min_gru   [2H] = z | g           z = sigmoid(.)
//     both      h_t = (1 - z) * h_{t-1} + z * g      as fma(1 - z, h_{t-1}, z * g)
//
// g is the pre-activation itself or, where it is to be positive, x + 1/2 for x >= 0 and sigmoid(x) below. z
// of min_lstm is computed as sigmoid(log i - log f), which no pre-activation makes 0 / 0. Feng, Tung, Ahmed,
// Bengio & Hajimirsadeghi, "Were RNNs All We Needed?", 2024.
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

/// Rows of several steps: row r of step s begins at data + s * step_stride + r * stride.
template <class T>
struct StepRows {
  T* data;
  std::size_t stride, step_stride;

  T* row(std::size_t step, std::size_t r) const noexcept { return data + step * step_stride + r * stride; }
};

/// Some steps of some rows of the batch.
template <class T>
struct MinScan {
  MinGates what;
  std::size_t steps;
  StepRows<const T> gates;   ///< [width] activations
  Rows<const T> h_previous;  ///< [H] before the first step
  StepRows<T> h;             ///< [H] out
};

/// The same steps back.
template <class T>
struct MinScanBack {
  MinGates what;
  std::size_t steps;
  StepRows<const T> gates;
  Rows<const T> h_previous;
  StepRows<const T> h, dy;
  Rows<T> dh;          ///< [H] in, gradient on h of the last step but for its dy; out, on h before the first
  StepRows<T> dgates;  ///< [products * H] gradient on the pre-activations
};

/// Pre-activations in, activations out, of the units [unit, unit + units) of rows [row, row + rows).
template <class T>
void min_gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows,
                       std::size_t unit, std::size_t units) noexcept;
/// Of rows [row, row + rows) the units [unit, unit + units), for all the steps.
template <class T>
void min_scan_forward(const MinScan<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                      std::size_t units) noexcept;
template <class T>
void min_scan_backward(const MinScanBack<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) noexcept;

}  // namespace carousel::kernels
