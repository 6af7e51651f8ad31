// The arithmetic of one GRU step, fused. A row of gates is [4H] = n | z | r | s, where s is what the reset
// gate works on (reset after the product) or what it leaves of h (reset before the product):
//
//     after:   r = sigmoid(.)  s = R_n h_{t-1} + b_Rn  n = tanh(. + r * s)    as fma(r, s, .)
//     before:  r = sigmoid(.)  s = r * h_{t-1}         n = tanh(.)            with R_n s in it
//     both:    z = sigmoid(.)  h_t = z * h_{t-1} + (1 - z) * n                as fma(z, h_{t-1}, (1 - z) * n)
//
// Before: Cho et al., EMNLP 2014. After: as cuDNN and PyTorch have it.
#pragma once

#include <cstddef>

#include "kernels/rows.h"

namespace carousel::kernels {

/// What of a step is to be done. Reset after the product: all at once. Before the product: forward the reset,
/// then the product with R_n, then the update; backward the update, then the gradient on s, then the reset.
enum class GruPart { all, reset, update };

/// One step of some rows of the batch.
template <class T>
struct GruForward {
  GruPart part;
  std::size_t hidden;
  Rows<T> gates;  ///< [4H] pre-activations (of s: its value) in, activations out
  Rows<const T> h_previous;
  Rows<T> h;  ///< [H], not h_previous
};

/// One step back.
template <class T>
struct GruBackward {
  GruPart part;
  std::size_t hidden;
  Rows<const T> gates;  ///< [4H] the activations that forward left
  Rows<const T> h_previous;
  Rows<T> dh;      ///< [H] in, gradient on h_t; out, that on h_{t-1}, without what comes through the products
  Rows<T> dgates;  ///< [4H] gradient on the pre-activations n, z, r and on s
};

/// Of rows [row, row + rows) the units [unit, unit + units).
template <class T>
void gru_gates_forward(const GruForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) noexcept;
template <class T>
void gru_gates_backward(const GruBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept;

}  // namespace carousel::kernels
