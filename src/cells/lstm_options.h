// What an LSTM cell is made of: every variant of the literature is a choice of these options.
//
//     i_t = s(W_i x_t + R_i h_{t-1} + P_i(c_{t-1}) + Q_i a_{t-1} + b_i)           or 1
//     f_t = s(W_f x_t + R_f h_{t-1} + P_f(c_{t-1}) + Q_f a_{t-1} + b_f)           or 1, or 1 - i_t
//     g_t = y(W_g x_t + R_g h_{t-1} + Q_g a_{t-1} + b_g)
//     c_t = f_t * c_{t-1} + i_t * g_t
//     o_t = s(W_o x_t + R_o h_{t-1} + P_o(c_t or c_{t-1}) + Q_o a_{t-1} + b_o)    or 1
//     h_t = W_p (o_t * z(c_t))                                                    or without W_p
//
// a_{t-1}: the gates i, f, o of the step before.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/activation_kinds.h"
#include "kernels/lstm_gates.h"

namespace carousel {

using kernels::ActivationKind;
using kernels::ForgetGate;

/// What the gates see of the cell: nothing, each unit its own c, or all of it by a matrix.
enum class Peephole { none, diagonal, full };
/// Which c the output gate sees.
enum class OutputPeephole { current, previous };
/// What comes back to the products of the next step.
enum class Feedback { hidden, none };
/// Whether the gates come back too: not, to the gates, or to the cell input as well.
enum class GateRecurrence { none, gates, all };
/// Which units have a bias.
enum class Biases { all, gates, none };
/// First values of R: uniform in +-1/sqrt(H), or orthogonal for each gate.
enum class RecurrentStart { uniform, orthogonal };

struct LstmOptions {
  bool input_gate = true, output_gate = true;
  ForgetGate forget_gate = ForgetGate::on;
  Peephole peephole = Peephole::none;
  OutputPeephole output_peephole = OutputPeephole::current;
  Feedback feedback = Feedback::hidden;
  GateRecurrence gate_recurrence = GateRecurrence::none;
  std::size_t cells_per_block = 1;  ///< cells that share their gates; hidden is a multiple of it
  kernels::Activation gate_activation{ActivationKind::sigmoid};  // s
  kernels::Activation input_activation{ActivationKind::tanh};    // y
  kernels::Activation output_activation{ActivationKind::tanh};   // z
  std::size_t projection = 0;                                    ///< width of h_t; 0: no W_p, as wide as c
  // Limits on the size of c_t, of h_t = W_p (...) and of what the gates' and the cell input's activations are
  // of; infinity: none.
  double clip_cell = std::numeric_limits<double>::infinity();
  double clip_projection = std::numeric_limits<double>::infinity();
  double clip_gates = std::numeric_limits<double>::infinity();
  bool layer_norm = false;  ///< of W x, of R h and of c before its activation
  Biases bias = Biases::all;
  double forget_bias = 1.0;  ///< first value of b_f
  double chrono = 0;         ///< longest lag expected, for the first values of b_i and b_f; 0: forget_bias
  RecurrentStart recurrent_start = RecurrentStart::uniform;

  bool operator==(const LstmOptions&) const = default;
};

/// The words of the spec, in the order of the enumerations.
const std::vector<std::string>& forget_gate_names();
const std::vector<std::string>& peephole_names();
const std::vector<std::string>& output_peephole_names();
const std::vector<std::string>& feedback_names();
const std::vector<std::string>& gate_recurrence_names();
const std::vector<std::string>& bias_names();
const std::vector<std::string>& recurrent_start_names();

/// A member of the family with a name of its own.
struct LstmPreset {
  std::string name;
  LstmOptions options;
};
/// "lstm" first.
const std::vector<LstmPreset>& lstm_presets();
/// name: of one of them.
const LstmPreset& lstm_preset(std::string_view name);

/// The option that gives the cell what the preset's name, no_..., says it has not; "" if none does.
std::string contradicted(const LstmPreset& preset, const LstmOptions& options);

/// An option that cannot be together with the others, why, and what would work ("use forget_gate=on"); empty
/// strings if all is well.
struct Impossible {
  std::string option, why, works;

  std::string text() const { return why + "; " + works; }
};
Impossible impossible(const LstmOptions& options, std::size_t hidden);

/// The options that differ from those of `lstm`, as the spec writes them: "peephole=diagonal bias=gates".
std::string to_text(const LstmOptions& options);

}  // namespace carousel
