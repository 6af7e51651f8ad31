// The arithmetic of one sLSTM step, fused. The units of a head lie together: of a head of d units a row of
// gates holds [4d] = i | f | g | o. What is kept beside h is [3H] = c | n | m.
//
//     g = tanh(.)   o = sigmoid(.)   m_t = max(log f + m_{t-1}, .)   with f = sigmoid(.) or exp(.)
//     i = exp(. - m_t)               f = exp(log f + m_{t-1} - m_t)
//     c_t = fma(f, c_{t-1}, i g)     n_t = fma(f, n_{t-1}, i)        h_t = o * (c_t / n_t)
//
// Where n_{t-1} is 0 there is no memory yet: m_t is i's pre-activation and f is 0. Beck et al., "xLSTM:
// Extended Long Short-Term Memory", NeurIPS 2024, eq. 8 to 17.
#pragma once

#include <cstddef>

#include "kernels/rows.h"

namespace carousel::kernels {

/// One step of some rows, for one head; everything begins with the head's first unit.
template <class T>
struct SlstmForward {
  std::size_t hidden, size;  ///< H, d
  bool exponential;          ///< the forget gate
  Rows<T> gates;             ///< [4d] pre-activations in, activations out
  Rows<T> slope;             ///< [d] out: of log f on its pre-activation
  Rows<const T> memory_before;
  Rows<T> memory;  ///< may be memory_before
  Rows<T> h;       ///< [d]
};

/// One step back.
template <class T>
struct SlstmBackward {
  std::size_t hidden, size;
  Rows<const T> gates, slope;
  Rows<const T> memory_before, memory;
  Rows<const T> dh;
  Rows<T> dmemory;  ///< in, gradient on c_t, n_t and m_t; out, on those of the step before
  Rows<T> dgates;   ///< [4d] gradient on the pre-activations
};

/// Of rows [row, row + rows) the head's units [unit, unit + units).
template <class T>
void slstm_gates_forward(const SlstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept;
template <class T>
void slstm_gates_backward(const SlstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                          std::size_t units) noexcept;

}  // namespace carousel::kernels
