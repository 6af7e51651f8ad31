// The arithmetic of one LSTM step, fused: each number is read once and written once. Gate order i, f, g, o; a
// row of gates is [4H] = i | f | g | o.
//
//     i = sigmoid(.)  f = sigmoid(.)  g = tanh(.)  o = sigmoid(.)
//     c_t = f * c_{t-1} + i * g    as fma(f, c_{t-1}, i * g)
//     h_t = o * tanh(c_t)
//
// Gers, Schmidhuber, Cummins, "Learning to Forget", Neural Computation 12, 2000.
#pragma once

#include <cstddef>

#include "kernels/rows.h"

namespace carousel::kernels {

/// One step of some rows of the batch.
template <class T>
struct LstmForward {
  std::size_t hidden;
  Rows<T> gates;  ///< [4H] pre-activations in, activations out
  Rows<const T> c_previous;
  Rows<T> c, h;  ///< [H]; c may be c_previous
};

/// One step back.
template <class T>
struct LstmBackward {
  std::size_t hidden;
  Rows<const T> gates;  ///< [4H] the activations that forward left
  Rows<const T> c_previous, c;
  Rows<const T> dh;  ///< [H] gradient on h_t from above and from t + 1
  Rows<T> dc;        ///< [H] in, gradient on c_t from t + 1; out, gradient on c_{t-1}
  Rows<T> dgates;    ///< [4H] gradient on the pre-activations
};

/// Of rows [row, row + rows) the units [unit, unit + units).
template <class T>
void lstm_gates_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept;
template <class T>
void lstm_gates_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept;

}  // namespace carousel::kernels
