// The arithmetic of one LSTM step. Gates in the order i, f, g, o; rows are sequences, or positions in space.
//
//     i = sigmoid(. + p_i * c_{t-1})    f = sigmoid(. + p_f * c_{t-1})    g = tanh(.)
//     c_t = f * c_{t-1} + i * g                      as fma(f, c_{t-1}, i * g), within [-clip, clip]
//     o = sigmoid(. + p_o * c_t)        h_t = o * tanh(c_t)
//
// Gers, Schmidhuber, Cummins, "Learning to Forget", Neural Computation 12, 2000; peepholes p: Gers,
// Schraudolph, Schmidhuber, JMLR 3, 2002. Which gates there are and what they see is a policy, compiled into
// the loop; over several dimensions there is a forget gate for each, c = i * g + sum over d of f_d * c_d
// (Graves, Fernandez, Schmidhuber, ICANN 2007), summed from the first on.
//
// Where other activations are asked for, or what stands between the product and the gates works on whole
// rows, the gates come activated: then these kernels leave out the activations and their slopes.
#pragma once

#include <cstddef>
#include <limits>

#include "kernels/rows.h"

namespace carousel::kernels {

/// A gate that is off is 1; a coupled forget gate is 1 - i.
enum class ForgetGate { on, off, coupled };

/// What i, f and g make of c.
struct LstmStatePolicy {
  bool input_gate = true;
  ForgetGate forget_gate = ForgetGate::on;
  bool peephole = false;
  bool activated = false;
  std::size_t dimensions = 1;  ///< up to kMostDimensions, with both gates on

  bool operator==(const LstmStatePolicy&) const = default;
};
/// What o makes of h.
struct LstmOutputPolicy {
  bool output_gate = true;
  bool peephole = false;
  bool activated = false;

  bool operator==(const LstmOutputPolicy&) const = default;
};
struct LstmPolicy {
  LstmStatePolicy state;
  LstmOutputPolicy output;

  bool operator==(const LstmPolicy&) const = default;
};

inline constexpr std::size_t kMostDimensions = 3;

/// Some of the rows of a step. H units; of D dimensions, f, c_previous and p_f are D times H wide. What a
/// policy leaves out is not read.
template <class T>
struct LstmForward {
  LstmPolicy policy;
  std::size_t hidden;
  Rows<T> i, f, g, o;  ///< pre-activations in, activations out
  Rows<const T> p_i, p_f, p_o;
  Rows<const T> c_previous;
  Rows<T> c, h;               ///< c may be c_previous
  Rows<const T> output = {};  ///< activated: what stands for tanh(c_t)
  T clip = std::numeric_limits<T>::infinity();
};

/// One step back. The part of the output goes first.
template <class T>
struct LstmBackward {
  LstmPolicy policy;
  std::size_t hidden;
  Rows<const T> i, f, g, o;  ///< the activations that forward left
  Rows<const T> p_i, p_f, p_o;
  Rows<const T> c_previous, c;
  Rows<const T> dh;         ///< gradient on h_t from above and from t + 1
  Rows<T> dc;               ///< [H] in, gradient on c_t from t + 1; the output part adds to it
  Rows<T> dc_previous;      ///< [D H] the state part's: gradient on c_{t-1}; may be dc
  Rows<T> di, df, dg, d_o;  ///< gradients on the pre-activations; activated: on the activations
  Rows<const T> output =
      {};                 ///< activated: what stands for tanh(c_t), and the gradient on it, which does not
  Rows<T> d_output = {};  ///< go into dc
  T clip = std::numeric_limits<T>::infinity();
};

/// The plain step, of gates i | f | g | o side by side.
template <class T>
LstmForward<T> plain_lstm_forward(std::size_t hidden, Rows<T> gates, Rows<const T> c_previous, Rows<T> c,
                                  Rows<T> h) noexcept {
  return {.policy = {},
          .hidden = hidden,
          .i = gates,
          .f = gates.from(hidden),
          .g = gates.from(2 * hidden),
          .o = gates.from(3 * hidden),
          .p_i = {},
          .p_f = {},
          .p_o = {},
          .c_previous = c_previous,
          .c = c,
          .h = h};
}
template <class T>
LstmBackward<T> plain_lstm_backward(std::size_t hidden, Rows<const T> gates, Rows<const T> c_previous,
                                    Rows<const T> c, Rows<const T> dh, Rows<T> dc, Rows<T> dgates) noexcept {
  return {.policy = {},
          .hidden = hidden,
          .i = gates,
          .f = gates.from(hidden),
          .g = gates.from(2 * hidden),
          .o = gates.from(3 * hidden),
          .p_i = {},
          .p_f = {},
          .p_o = {},
          .c_previous = c_previous,
          .c = c,
          .dh = dh,
          .dc = dc,
          .dc_previous = dc,
          .di = dgates,
          .df = dgates.from(hidden),
          .dg = dgates.from(2 * hidden),
          .d_o = dgates.from(3 * hidden)};
}

/// Of rows [row, row + rows) the units [unit, unit + units): the whole step.
template <class T>
void lstm_gates_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept;
template <class T>
void lstm_gates_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept;

/// Its two parts: i, f, g and c; o and h.
template <class T>
void lstm_state_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept;
template <class T>
void lstm_output_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept;
template <class T>
void lstm_output_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                          std::size_t units) noexcept;
template <class T>
void lstm_state_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept;

}  // namespace carousel::kernels
