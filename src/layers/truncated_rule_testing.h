// The truncated learning rule of the LSTM, as its papers give it, in plain loops: the oracle of lstm_g's
// local rule.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "cells/lstm_options.h"

namespace carousel::testing {

using Matrix = std::vector<std::vector<double>>;

inline Matrix zeros(std::size_t rows, std::size_t columns) {
  return Matrix(rows, std::vector<double>(columns, 0.0));
}

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// g and h of the papers, and their slopes.
struct Squash {
  kernels::Activation activation;
  double operator()(double x) const {
    if (activation.kind == ActivationKind::tanh) return std::tanh(x);
    if (activation.kind == ActivationKind::identity) return x;
    return activation.alpha * sigmoid(x) + activation.beta;
  }
  double slope(double x) const {
    if (activation.kind == ActivationKind::tanh) return 1 - std::tanh(x) * std::tanh(x);
    if (activation.kind == ActivationKind::identity) return 1;
    return activation.alpha * sigmoid(x) * (1 - sigmoid(x));
  }
};

/// A layer of memory blocks and a layer of logistic output units, learning by the truncated rule: Hochreiter
/// & Schmidhuber 1997, appendix A.1; the forget gate as in Gers, Schmidhuber & Cummins 2000; peepholes as in
/// Gers, Schraudolph & Schmidhuber 2002. Weights [units, sources] by the name of the unit; sources are what
/// all gates and cell inputs see, in one vector.
struct Truncated {
  std::size_t blocks, cells_per_block, outputs;
  LstmOptions options;
  std::map<std::string, Matrix> w, gradient;    // "i", "f", "g", "o", "out"
  std::map<std::string, Matrix> p, p_gradient;  // peepholes [blocks, cells of the block] of "i", "f", "o"
  bool error_through_peephole = false;          // what lstm_g has and this rule has not

  std::vector<double> s, h, gates_before;  // state
  std::map<std::string, Matrix> ds;        // ds_c / dw [cells, sources] of "i", "f", "g"
  std::map<std::string, Matrix> dsp;       // ds_c / dp [cells, cells of the block] of "i", "f"

  std::size_t cells() const { return blocks * cells_per_block; }
  bool peephole(const std::string& gate) const { return p.contains(gate); }
  bool forgets() const { return options.forget_gate == ForgetGate::on; }

  void restart() {
    s.assign(cells(), 0);
    h.assign(cells(), 0);
    gates_before.assign((forgets() ? 3 : 2) * blocks, 0);
    for (const char* unit : {"i", "f", "g"}) {
      ds[unit] = zeros(cells(), w["g"][0].size());
      dsp[unit] = zeros(cells(), cells_per_block);
    }
  }

  double net(const std::string& unit, std::size_t j, const std::vector<double>& sources,
             const std::vector<double>& seen) {
    double sum = 0;
    for (std::size_t m = 0; m < sources.size(); ++m) sum += w[unit][j][m] * sources[m];
    for (std::size_t v = 0; peephole(unit) && v < cells_per_block; ++v)
      sum += p[unit][j][v] * seen[j * cells_per_block + v];
    return sum;
  }

  /// One step towards a target; leaves the gradient of half the squared error.
  void step(const std::vector<double>& x, const std::vector<double>& target) {
    const Squash squash_g{options.input_activation}, squash_h{options.output_activation};
    std::vector<double> sources = x;
    sources.insert(sources.end(), h.begin(), h.end());
    sources.push_back(1);
    if (options.gate_recurrence == GateRecurrence::all)
      sources.insert(sources.end(), gates_before.begin(), gates_before.end());
    const std::size_t M = sources.size(), C = cells(), S = cells_per_block;
    const std::vector<double> s_before = s;
    std::vector<double> i(blocks), f(blocks, 1.0), o(blocks), net_g(C);
    for (std::size_t b = 0; b < blocks; ++b) {
      i[b] = sigmoid(net("i", b, sources, s_before));
      if (forgets()) f[b] = sigmoid(net("f", b, sources, s_before));
    }
    for (std::size_t c = 0; c < C; ++c) {
      net_g[c] = net("g", c, sources, {});
      s[c] = f[c / S] * s_before[c] + i[c / S] * squash_g(net_g[c]);
    }
    const bool sees_previous = options.output_peephole == OutputPeephole::previous;
    for (std::size_t b = 0; b < blocks; ++b)
      o[b] = sigmoid(net("o", b, sources, sees_previous ? s_before : s));
    for (std::size_t c = 0; c < C; ++c) {
      const std::size_t b = c / S;
      const double i_slope = i[b] * (1 - i[b]), f_slope = f[b] * (1 - f[b]), g = squash_g(net_g[c]);
      for (std::size_t m = 0; m < M; ++m) {
        ds["g"][c][m] = f[b] * ds["g"][c][m] + i[b] * squash_g.slope(net_g[c]) * sources[m];
        ds["i"][c][m] = f[b] * ds["i"][c][m] + g * i_slope * sources[m];
        ds["f"][c][m] = f[b] * ds["f"][c][m] + s_before[c] * f_slope * sources[m];
      }
      for (std::size_t v = 0; v < S; ++v) {
        dsp["i"][c][v] = f[b] * dsp["i"][c][v] + g * i_slope * s_before[b * S + v];
        dsp["f"][c][v] = f[b] * dsp["f"][c][v] + s_before[c] * f_slope * s_before[b * S + v];
      }
      h[c] = o[b] * squash_h(s[c]);
    }
    gates_before = i;
    if (forgets()) gates_before.insert(gates_before.end(), f.begin(), f.end());
    gates_before.insert(gates_before.end(), o.begin(), o.end());
    learn(target, sources, o, sees_previous ? s_before : s, squash_h);
  }

  void learn(const std::vector<double>& target, const std::vector<double>& sources,
             const std::vector<double>& o, const std::vector<double>& seen, const Squash& squash_h) {
    const std::size_t C = cells(), S = cells_per_block;
    for (auto& [unit, matrix] : w) gradient[unit] = zeros(matrix.size(), matrix[0].size());
    for (auto& [unit, matrix] : p) p_gradient[unit] = zeros(matrix.size(), matrix[0].size());
    std::vector<double> back(C, 0.0);  // sum over k of w_kc delta_k
    for (std::size_t k = 0; k < outputs; ++k) {
      double sum = w["out"][k][C];
      for (std::size_t c = 0; c < C; ++c) sum += w["out"][k][c] * h[c];
      const double y = sigmoid(sum), delta = y * (1 - y) * (y - target[k]);
      for (std::size_t c = 0; c < C; ++c) {
        back[c] += w["out"][k][c] * delta;
        gradient["out"][k][c] = delta * h[c];
      }
      gradient["out"][k][C] = delta;
    }
    for (std::size_t b = 0; b < blocks; ++b) {
      double delta_o = 0;
      for (std::size_t c = b * S; c < (b + 1) * S; ++c)
        delta_o += o[b] * (1 - o[b]) * squash_h(s[c]) * back[c];
      for (std::size_t m = 0; m < sources.size(); ++m) gradient["o"][b][m] = delta_o * sources[m];
      for (std::size_t v = 0; peephole("o") && v < S; ++v) p_gradient["o"][b][v] = delta_o * seen[b * S + v];
      for (std::size_t c = b * S; c < (b + 1) * S; ++c) {
        double e = o[b] * squash_h.slope(s[c]) * back[c];
        if (error_through_peephole) e += p["o"][b][c - b * S] * delta_o;
        for (std::size_t m = 0; m < sources.size(); ++m) {
          gradient["g"][c][m] = e * ds["g"][c][m];
          gradient["i"][b][m] += e * ds["i"][c][m];
          if (forgets()) gradient["f"][b][m] += e * ds["f"][c][m];
        }
        for (const char* gate : {"i", "f"})
          for (std::size_t v = 0; peephole(gate) && v < S; ++v) p_gradient[gate][b][v] += e * dsp[gate][c][v];
      }
    }
  }
};

}  // namespace carousel::testing
