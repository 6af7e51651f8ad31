#include "cells/lstm_columns.h"

namespace carousel {

bool fused(const LstmOptions& o) noexcept {
  return o.gate_activation == kernels::Activation{ActivationKind::sigmoid} &&
         o.input_activation == kernels::Activation{ActivationKind::tanh} &&
         o.output_activation == kernels::Activation{ActivationKind::tanh} && o.cells_per_block == 1 &&
         o.gate_recurrence == GateRecurrence::none && !o.layer_norm &&
         o.clip_gates == std::numeric_limits<double>::infinity();
}

LstmColumns::LstmColumns(std::size_t hidden, const LstmOptions& options)
    : cells(hidden), blocks(hidden / options.cells_per_block) {
  const auto next = [](std::size_t& end, std::size_t count) {
    const Columns columns{end, count};
    end += count;
    return columns;
  };
  if (options.input_gate) i = next(gates, blocks);
  if (options.forget_gate == ForgetGate::on) f = next(gates, blocks);
  before_cell = gates;
  g = next(gates, cells);
  if (options.output_gate) o = next(gates, blocks);
  if (options.gate_recurrence != GateRecurrence::none) memory_gates = {cells, before_cell + o.count};

  std::size_t both = gates;
  if (options.cells_per_block > 1) {
    each_i = next(both, i.count > 0 ? cells : 0);
    each_f = next(both, f.count > 0 ? cells : 0);
    each_o = next(both, o.count > 0 ? cells : 0);
  }
  activations = gradients = both;
  if (options.layer_norm) {
    input_normalised = next(activations, gates);
    recurrent_normalised = next(activations, gates);
    cell_normalised = next(activations, cells);
    scales = next(activations, 3);
    d_input = next(gradients, gates);
    d_recurrent = next(gradients, gates);
    d_input_gain = next(gradients, gates);
    d_recurrent_gain = next(gradients, gates);
    d_cell_gain = next(gradients, cells);
    d_cell_bias = next(gradients, cells);
  }
  if (options.projection > 0) {
    unprojected = next(activations, cells);
    if (options.clip_projection < std::numeric_limits<double>::infinity())
      projected = next(activations, options.projection);
    d_projected = next(gradients, options.projection);
    d_unprojected = next(gradients, cells);
  }
  if (!fused(options)) {
    output = next(gradients, cells);
    d_output = next(gradients, cells);
  }
}

}  // namespace carousel
