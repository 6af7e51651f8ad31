// The arithmetic of one LSTM step for one row of the batch, fused: each number is read once and written once.
// Gate order i, f, g, o; a row of gates is [4H] = i | f | g | o.
//
//     i = sigmoid(.)  f = sigmoid(.)  g = tanh(.)  o = sigmoid(.)
//     c_t = f * c_{t-1} + i * g    as fma(f, c_{t-1}, i * g)
//     h_t = o * tanh(c_t)
//
// Gers, Schmidhuber, Cummins, "Learning to Forget", Neural Computation 12, 2000.
#pragma once

#include <cstddef>

namespace carousel::kernels {

/// gates [4H]: pre-activations in, activations out. c_previous, c, h: [H]; c may be c_previous.
template <class T>
void lstm_gates_forward(std::size_t hidden, T* gates, const T* c_previous, T* c, T* h) noexcept;

/// One step back. gates [4H]: the activations that forward left. dh [H]: gradient on h_t from above and from
/// t + 1. dc [H]: in, gradient on c_t from t + 1; out, gradient on c_{t-1}. dgates [4H]: gradient on the
/// pre-activations.
template <class T>
void lstm_gates_backward(std::size_t hidden, const T* gates, const T* c_previous, const T* c, const T* dh,
                         T* dc, T* dgates) noexcept;

}  // namespace carousel::kernels
