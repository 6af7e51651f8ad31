// Which networks the truncated rule knows, and where it keeps their weights and traces.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cells/lstm_options.h"
#include "model/spec.h"
#include "tensor/parameters.h"

namespace carousel {

/// LSTM, dense; or parallel(dropout 0, LSTM), dense: then outputs see the inputs as well.
struct TruncatedShape {
  std::size_t inputs, hidden, outputs;
  LstmOptions options;
  kernels::Activation activation;  ///< of the outputs
  bool output_bias;
  bool direct;              ///< outputs see the inputs
  std::string lstm, dense;  ///< what the names of their parameters begin with
};
/// Throws SettingError, naming what the rule cannot follow, for another network.
TruncatedShape truncated_shape(std::span<const LayerSpec> spec, std::size_t inputs);

/// In blocks of S cells: B blocks, H cells. A row of pre-activations is i | f | o | g, of those that there
/// are; a row of traces, one for each cell, i | f | g. Sources are what these units see: x | h | gates of the
/// step before | 1. Those of outputs are x (if direct) | h | 1.
struct TruncatedLayout {
  explicit TruncatedLayout(const TruncatedShape& shape);

  /// Units [begin, begin + count) of a row.
  struct Units {
    std::size_t begin = 0, count = 0;
    explicit operator bool() const noexcept { return count > 0; }
  };
  /// Sources of one kind. Some are seen by gates alone, the first units of a row.
  struct Sources {
    std::size_t begin = 0, count = 0;
    bool gates_alone = false;
    std::size_t end() const noexcept { return begin + count; }
  };

  std::size_t F, S, B, H, N;
  Units i, f, o, g;                      // of pre-activations
  std::size_t gates, units;              // widths: i | f | o, and all
  Units trace_i, trace_f, trace_g;       // of traces
  std::size_t gate_traces, traces;       // widths: i | f, and all
  Sources x, h, before, one;             // in this order
  std::size_t sources;                   // of all kinds
  Units output_x, output_h, output_one;  // sources of outputs
  std::size_t output_sources;
  /// Whether source m is seen by gates alone.
  bool gates_alone(std::size_t m) const noexcept {
    return (before.gates_alone && m >= before.begin && m < before.end()) ||
           (one.gates_alone && m >= one.begin);
  }
  bool peepholes;

  // Weights, one source's side by side: W [sources, units], p [i, f, o; H], V [output_sources, N].
  std::size_t W = 0, p_i, p_f, p_o, V;
  std::size_t weights;

  /// Of each weight its place in the network's vector; kNone where the network has none, and it stays 0.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> places(const TruncatedShape& shape, const ParameterTable& table) const;
};

}  // namespace carousel
