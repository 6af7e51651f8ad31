// The LSTM cell's arithmetic where it is not fused: row by row, in passes over numbers that stay in the first
// cache. The state itself is that of kernels/lstm_gates.h, given activated gates.
#include <algorithm>
#include <cmath>

#include "cells/lstm_cell.h"
#include "kernels/normalise.h"

namespace carousel {

using kernels::activate;
using kernels::activation_gradient;

namespace {

constexpr double kEpsilon = 1e-5;  // of layer norm, as PyTorch has it

template <class T>
void clip(T* values, std::size_t n, double limit) noexcept {
  const T most = static_cast<T>(limit);
  for (std::size_t j = 0; j < n; ++j)
    values[j] = values[j] > most ? most : values[j] < -most ? -most : values[j];
}

/// a += b
template <class T>
void add(const T* b, std::size_t n, T* a) noexcept {
  for (std::size_t j = 0; j < n; ++j) a[j] += b[j];
}

/// Through an activation of something that was clipped: no gradient where y is what the limit gives.
template <class T>
void gradient_of(const kernels::Activation& activation, double limit, const T* y, T* d,
                 std::size_t n) noexcept {
  activation_gradient(activation, y, d, n);
  if (std::isinf(limit)) return;
  T ends[] = {static_cast<T>(-limit), static_cast<T>(limit)};
  activate(activation, ends, 2);
  const T low = std::min(ends[0], ends[1]), high = std::max(ends[0], ends[1]);
  for (std::size_t j = 0; j < n; ++j)
    if (y[j] <= low || y[j] >= high) d[j] = T(0);
}

}  // namespace

template <class T>
void LstmCell<T>::see(const T* p, const T* c, Share::Range cells, T* gate) const noexcept {
  if (const std::size_t S = options_.cells_per_block; S > 1) {
    for (std::size_t j = 0; j < at_.cells; ++j) gate[j / S] += p[j] * c[j];
  } else {
    for (std::size_t j = cells.begin; j < cells.end; ++j) gate[j] += p[j] * c[j];
  }
}
template <class T>
void LstmCell<T>::seen(const T* p, const T* d_gate, Share::Range cells, T* dc) const noexcept {
  if (const std::size_t S = options_.cells_per_block; S > 1) {
    for (std::size_t j = 0; j < at_.cells; ++j) dc[j] += p[j] * d_gate[j / S];
  } else {
    for (std::size_t j = cells.begin; j < cells.end; ++j) dc[j] += p[j] * d_gate[j];
  }
}

template <class T>
void LstmCell<T>::to_cells(const Columns& gate, const Columns& each, T* row) const noexcept {
  if (!each) return;
  const std::size_t S = options_.cells_per_block;
  T* to = row + each.begin;
  for (std::size_t block = 0; block < gate.count; ++block, to += S)
    std::fill_n(to, S, row[gate.begin + block]);
}
template <class T>
void LstmCell<T>::from_cells(const Columns& gate, const Columns& each, T* row) const noexcept {
  if (!each) return;
  const std::size_t S = options_.cells_per_block;
  const T* from = row + each.begin;
  for (std::size_t block = 0; block < gate.count; ++block, from += S) {
    T sum = from[0];
    for (std::size_t j = 1; j < S; ++j) sum += from[j];
    row[gate.begin + block] = sum;
  }
}

template <class T>
void LstmCell<T>::normalise_input(T* row) const noexcept {
  T* const normalised = row + at_.input_normalised.begin;
  row[at_.scales.begin] = kernels::normalise(normalised, normalised, at_.gates, static_cast<T>(kEpsilon));
  for (std::size_t j = 0; j < at_.gates; ++j) row[j] = bias_[j] + gain_x_[j] * normalised[j];
}

template <class T>
void LstmCell<T>::state_row(const CellStep<T>& step, const kernels::LstmForward<T>& gates,
                            std::size_t r) const noexcept {
  T* const row = step.gates.row(r);
  if (options_.layer_norm) {
    T* const normalised = row + at_.recurrent_normalised.begin;
    row[at_.scales.begin + 1] =
        kernels::normalise(normalised, normalised, at_.gates, static_cast<T>(kEpsilon));
    for (std::size_t j = 0; j < at_.gates; ++j) row[j] += gain_h_[j] * normalised[j];
  }
  if (options_.peephole == Peephole::diagonal) {
    const T* const c = step.memory_before.row(r);
    if (at_.i) see(p_.data(), c, {0, at_.cells}, row + at_.i.begin);
    if (at_.f) see(p_.data() + p_f(), c, {0, at_.cells}, row + at_.f.begin);
  }
  if (!std::isinf(options_.clip_gates)) clip(row, at_.g.begin + at_.g.count, options_.clip_gates);
  activate(options_.gate_activation, row, at_.before_cell);
  activate(options_.input_activation, row + at_.g.begin, at_.cells);
  to_cells(at_.i, at_.each_i, row);
  to_cells(at_.f, at_.each_f, row);
  kernels::lstm_state_forward(gates, r, 1, 0, at_.cells);
}

template <class T>
void LstmCell<T>::output_of(const T* c, const T* normalised, T* output) const noexcept {
  for (std::size_t j = 0; j < at_.cells; ++j)
    output[j] = options_.layer_norm ? b_c_[j] + gain_c_[j] * normalised[j] : c[j];
  activate(options_.output_activation, output, at_.cells);
}

template <class T>
void LstmCell<T>::output_row(const CellStep<T>& step, const kernels::LstmForward<T>& gates,
                             std::size_t r) const noexcept {
  T* const row = step.gates.row(r);
  const T* const c = step.memory.row(r);
  if (at_.o) {
    T* const o = row + at_.o.begin;
    if (options_.peephole == Peephole::diagonal && options_.output_peephole == OutputPeephole::current)
      see(p_.data() + p_o(), c, {0, at_.cells}, o);
    if (!std::isinf(options_.clip_gates)) clip(o, at_.o.count, options_.clip_gates);
    activate(options_.gate_activation, o, at_.o.count);
    to_cells(at_.o, at_.each_o, row);
  }
  T* const normalised = row + at_.cell_normalised.begin;
  if (options_.layer_norm)
    row[at_.scales.begin + 2] = kernels::normalise(c, normalised, at_.cells, static_cast<T>(kEpsilon));
  output_of(c, normalised, gates.h.row(r));
  kernels::LstmForward<T> in_place = gates;
  in_place.output = {gates.h.data, gates.h.stride};
  kernels::lstm_output_forward(in_place, r, 1, 0, at_.cells);
  if (!at_.memory_gates) return;
  T* const a = step.memory.row(r) + at_.memory_gates.begin;
  std::copy_n(row, at_.before_cell, a);
  std::copy_n(row + at_.o.begin, at_.o.count, a + at_.before_cell);
}

template <class T>
void LstmCell<T>::backward_output_row(const CellStepBack<T>& step, const kernels::LstmBackward<T>& gates,
                                      std::size_t r) const noexcept {
  const T *const row = step.gates.row(r), *const normalised = row + at_.cell_normalised.begin;
  T *const d = step.dgates.row(r), *const dc = step.dmemory.row(r);
  output_of(step.memory.row(r), normalised, d + at_.output.begin);
  kernels::lstm_output_backward(gates, r, 1, 0, at_.cells);
  if (at_.o) {
    T* const d_o = d + at_.o.begin;
    from_cells(at_.o, at_.each_o, d);
    if (at_.memory_gates) add(dc + at_.memory_gates.begin + at_.before_cell, at_.o.count, d_o);
    gradient_of(options_.gate_activation, options_.clip_gates, row + at_.o.begin, d_o, at_.o.count);
    to_cells(at_.o, at_.each_o, d);
    if (options_.peephole == Peephole::diagonal && options_.output_peephole == OutputPeephole::current)
      seen(p_.data() + p_o(), d_o, {0, at_.cells}, dc);
  }
  T* const d_output = d + at_.d_output.begin;
  activation_gradient(options_.output_activation, d + at_.output.begin, d_output, at_.cells);
  if (options_.layer_norm) {
    for (std::size_t j = 0; j < at_.cells; ++j) {
      d[at_.d_cell_bias.begin + j] = d_output[j];
      d[at_.d_cell_gain.begin + j] = d_output[j] * normalised[j];
      d_output[j] *= gain_c_[j];
    }
    kernels::normalise_gradient(normalised, row[at_.scales.begin + 2], d_output, at_.cells);
  }
  add(d_output, at_.cells, dc);
}

template <class T>
void LstmCell<T>::backward_state_row(const CellStepBack<T>& step, const kernels::LstmBackward<T>& gates,
                                     std::size_t r) const noexcept {
  const T* const row = step.gates.row(r);
  T *const d = step.dgates.row(r), *const dc = step.dmemory.row(r);
  kernels::lstm_state_backward(gates, r, 1, 0, at_.cells);
  from_cells(at_.i, at_.each_i, d);
  from_cells(at_.f, at_.each_f, d);
  if (at_.memory_gates) add(dc + at_.memory_gates.begin, at_.before_cell, d);
  gradient_of(options_.gate_activation, options_.clip_gates, row, d, at_.before_cell);
  gradient_of(options_.input_activation, options_.clip_gates, row + at_.g.begin, d + at_.g.begin, at_.cells);
  to_cells(at_.i, at_.each_i, d);
  to_cells(at_.f, at_.each_f, d);
  if (options_.peephole == Peephole::diagonal) {
    if (at_.i) seen(p_.data(), d + at_.i.begin, {0, at_.cells}, dc);
    if (at_.f) seen(p_.data() + p_f(), d + at_.f.begin, {0, at_.cells}, dc);
  }
  if (!options_.layer_norm) return;
  const auto through = [&](const Columns& normalised, const AlignedVector<T>& gain, T scale,
                           const Columns& to, const Columns& d_gain) {
    for (std::size_t j = 0; j < at_.gates; ++j) {
      d[d_gain.begin + j] = d[j] * row[normalised.begin + j];
      d[to.begin + j] = d[j] * gain[j];
    }
    kernels::normalise_gradient(row + normalised.begin, scale, d + to.begin, at_.gates);
  };
  const T* const scales = row + at_.scales.begin;
  through(at_.input_normalised, gain_x_, scales[0], at_.d_input, at_.d_input_gain);
  through(at_.recurrent_normalised, gain_h_, scales[1], at_.d_recurrent, at_.d_recurrent_gain);
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
