#include "cells/lstm_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace carousel {

using kernels::Start;

namespace {

CellWidths widths(std::size_t inputs, const LstmColumns& at, const LstmOptions& options) {
  return {inputs, options.projection > 0 ? options.projection : at.cells, at.cells + at.memory_gates.count,
          at.activations, at.gradients};
}

/// A kernel of the gates as what gemm calls on each tile.
template <class T>
using GateKernel = void (*)(const kernels::LstmForward<T>&, std::size_t, std::size_t, std::size_t,
                            std::size_t) noexcept;
template <class T, GateKernel<T> kKernel>
void on_tile(const void* arithmetic, std::size_t row, std::size_t rows, std::size_t unit,
             std::size_t units) noexcept {
  kKernel(*static_cast<const kernels::LstmForward<T>*>(arithmetic), row, rows, unit, units);
}

template <class T>
kernels::Rows<T> rows_at(View<T> rows, const Columns& columns) noexcept {
  return rows_of(rows).from(columns.begin);
}

}  // namespace

template <class T>
LstmCell<T>::LstmCell(std::string name, std::size_t inputs, std::size_t hidden, const LstmOptions& options)
    : Cell<T>(widths(inputs, LstmColumns(hidden, options), options)),
      name_(std::move(name)),
      options_(options),
      at_(hidden, options),
      fused_(fused(options)) {
  shares_ = fused_ && options.feedback == Feedback::hidden && options.peephole != Peephole::full &&
            options.projection == 0;
  plain_ = shares_ && policy() == kernels::LstmPolicy{} && std::isinf(options.clip_cell);
}

template <class T>
std::string LstmCell<T>::description() const {
  const std::string options = to_text(options_);
  return fmt::format("{}, hidden {}{}{}", name_, at_.cells, options.empty() ? "" : ", ", options);
}

template <class T>
std::vector<Recorded> LstmCell<T>::recorded() const {
  std::vector<Recorded> result;
  const auto add = [&](const char* name, const Columns& columns) {
    if (columns) result.push_back({name, false, columns.begin, columns.count});
  };
  add("i", at_.i);
  add("f", at_.f);
  add("g", at_.g);
  add("o", at_.o);
  result.push_back({"c", true, 0, at_.cells});
  return result;
}

template <class T>
kernels::LstmPolicy LstmCell<T>::policy() const noexcept {
  const bool sees = fused_ && options_.peephole == Peephole::diagonal;
  const bool current = options_.output_peephole == OutputPeephole::current;
  return {{options_.input_gate, options_.forget_gate, sees && at_.before_cell > 0, !fused_},
          {options_.output_gate, sees && current && at_.o, !fused_}};
}

template <class T>
kernels::LstmForward<T> LstmCell<T>::arithmetic(const CellStep<T>& step) const noexcept {
  const kernels::Rows<const T> p{p_.data(), 0};
  return {.policy = policy(),
          .hidden = at_.cells,
          .i = rows_at(step.gates, at_.of_cells(at_.i, at_.each_i)),
          .f = rows_at(step.gates, at_.of_cells(at_.f, at_.each_f)),
          .g = rows_at(step.gates, at_.g),
          .o = rows_at(step.gates, at_.of_cells(at_.o, at_.each_o)),
          .p_i = p,
          .p_f = p.from(p_.empty() ? 0 : p_f()),
          .p_o = p.from(p_.empty() ? 0 : p_o()),
          .c_previous = rows_of(step.memory_before),
          .c = rows_of(step.memory),
          .h = at_.unprojected ? rows_at(step.gates, at_.unprojected) : rows_of(step.h),
          .output = {},
          .clip = static_cast<T>(options_.clip_cell)};
}

template <class T>
kernels::LstmBackward<T> LstmCell<T>::arithmetic(const CellStepBack<T>& step) const noexcept {
  const kernels::Rows<const T> p{p_.data(), 0};
  return {
      .policy = policy(),
      .hidden = at_.cells,
      .i = rows_at(step.gates, at_.of_cells(at_.i, at_.each_i)),
      .f = rows_at(step.gates, at_.of_cells(at_.f, at_.each_f)),
      .g = rows_at(step.gates, at_.g),
      .o = rows_at(step.gates, at_.of_cells(at_.o, at_.each_o)),
      .p_i = p,
      .p_f = p.from(p_.empty() ? 0 : p_f()),
      .p_o = p.from(p_.empty() ? 0 : p_o()),
      .c_previous = rows_of(step.memory_before),
      .c = rows_of(step.memory),
      .dh = at_.d_unprojected ? rows_at<const T>(step.dgates, at_.d_unprojected) : rows_of<const T>(step.dh),
      .dc = rows_of(step.dmemory),
      .dc_previous = rows_of(step.dmemory),
      .di = rows_at(step.dgates, at_.of_cells(at_.i, at_.each_i)),
      .df = rows_at(step.dgates, at_.of_cells(at_.f, at_.each_f)),
      .dg = rows_at(step.dgates, at_.g),
      .d_o = rows_at(step.dgates, at_.of_cells(at_.o, at_.each_o)),
      .output = rows_at<const T>(step.dgates, at_.output),
      .d_output = rows_at(step.dgates, at_.d_output),
      .clip = static_cast<T>(options_.clip_cell)};
}

template <class T>
void LstmCell<T>::input_product(View<const T> x, View<T> gates, Share share) const noexcept {
  if (!options_.layer_norm)
    return product(x, W_.forward, gates.columns(0, at_.gates), Start::bias, share, nullptr, bias_.data());
  product(x, W_.forward, columns_of(gates, at_.input_normalised), Start::zero, {});
  for (std::size_t r = 0; r < gates.rows(); ++r) normalise_input(gates.row(r));
}

template <class T>
void LstmCell<T>::products_before(const CellStep<T>& step) const noexcept {
  const View<T> before_cell = step.gates.columns(0, at_.before_cell), o = columns_of(step.gates, at_.o);
  if (options_.peephole == Peephole::full) {
    const View<const T> c = step.memory_before.columns(0, at_.cells);
    if (at_.before_cell > 0) product(c, P_.forward, before_cell, Start::accumulate, {});
    if (at_.o && !output_waits()) product(c, P_o_.forward, o, Start::accumulate, {});
  } else if (options_.output_peephole == OutputPeephole::previous) {
    const Share::Range units = this->units(step.share);
    for (std::size_t r = 0; r < step.gates.rows(); ++r)
      see(p_.data() + p_o(), step.memory_before.row(r), units, step.gates.row(r) + at_.o.begin);
  }
  if (!at_.memory_gates) return;
  const View<const T> a = columns_of(step.memory_before, at_.memory_gates);
  if (options_.gate_recurrence == GateRecurrence::all)
    return product(a, Q_.forward, step.gates.columns(0, at_.gates), Start::accumulate, {});
  if (at_.before_cell > 0) product(a, Q_.forward, before_cell, Start::accumulate, {});
  if (at_.o) product(a, Q_o_.forward, o, Start::accumulate, {});
}

template <class T>
void LstmCell<T>::forward(const CellStep<T>& step) const noexcept {
  const kernels::LstmForward<T> gates = arithmetic(step);
  products_before(step);
  if (fused_with_product()) {
    const kernels::Epilogue epilogue{on_tile<T, kernels::lstm_gates_forward<T>>, &gates};
    product(step.h_before, R_.forward, step.gates.columns(0, at_.gates), Start::accumulate, step.share,
            &epilogue);
  } else {
    forward_in_parts(step, gates);
  }
  if (options_.projection == 0) return;
  product(View<const T>(columns_of(step.gates, at_.unprojected)), W_p_.forward, step.h, Start::zero, {});
  if (at_.projected) clip_projected(step);
}

template <class T>
void LstmCell<T>::forward_in_parts(const CellStep<T>& step,
                                   const kernels::LstmForward<T>& gates) const noexcept {
  const std::size_t rows = step.gates.rows();
  if (options_.layer_norm)
    product(step.h_before, R_.forward, columns_of(step.gates, at_.recurrent_normalised), Start::zero, {});
  else if (options_.feedback == Feedback::hidden)
    product(step.h_before, R_.forward, step.gates.columns(0, at_.gates), Start::accumulate, {});
  if (fused_)
    kernels::lstm_state_forward(gates, 0, rows, 0, at_.cells);
  else
    for (std::size_t r = 0; r < rows; ++r) state_row(step, gates, r);
  if (output_waits())
    product(View<const T>(step.memory.columns(0, at_.cells)), P_o_.forward, columns_of(step.gates, at_.o),
            Start::accumulate, {});
  if (fused_)
    kernels::lstm_output_forward(gates, 0, rows, 0, at_.cells);
  else
    for (std::size_t r = 0; r < rows; ++r) output_row(step, gates, r);
}

template <class T>
void LstmCell<T>::clip_projected(const CellStep<T>& step) const noexcept {
  const T most = static_cast<T>(options_.clip_projection);
  for (std::size_t r = 0; r < step.h.rows(); ++r) {
    std::ranges::copy(step.h.row_span(r), step.gates.row(r) + at_.projected.begin);
    for (T& h : step.h.row_span(r)) h = h > most ? most : h < -most ? -most : h;
  }
}

template <class T>
void LstmCell<T>::backward_projection(const CellStepBack<T>& step) const noexcept {
  const View<T> d = columns_of(step.dgates, at_.d_projected);
  const T most = static_cast<T>(options_.clip_projection);
  for (std::size_t r = 0; r < d.rows(); ++r) {
    std::ranges::copy(step.dh.row_span(r), d.row(r));
    if (!at_.projected) continue;
    const T* const projected = step.gates.row(r) + at_.projected.begin;
    for (std::size_t j = 0; j < d.columns(); ++j)
      if (projected[j] > most || projected[j] < -most) d(r, j) = T(0);
  }
  product(View<const T>(d), W_p_.back, columns_of(step.dgates, at_.d_unprojected), Start::zero, {});
}

template <class T>
void LstmCell<T>::backward(const CellStepBack<T>& step) const noexcept {
  if (options_.projection > 0) backward_projection(step);
  const kernels::LstmBackward<T> gates = arithmetic(step);
  const std::size_t rows = step.gates.rows();
  const Share::Range units = step.share.of(at_.cells);
  const auto run = [&](auto* together, auto row_by_row) {
    if (fused_) return together(gates, 0, rows, units.begin, units.end - units.begin);
    for (std::size_t r = 0; r < rows; ++r) (this->*row_by_row)(step, gates, r);
  };
  run(kernels::lstm_output_backward<T>, &LstmCell::backward_output_row);
  if (output_waits())
    product(View<const T>(columns_of(step.dgates, at_.o)), P_o_.back, step.dmemory.columns(0, at_.cells),
            Start::accumulate, {});
  run(kernels::lstm_state_backward<T>, &LstmCell::backward_state_row);
  if (options_.peephole == Peephole::diagonal && options_.output_peephole == OutputPeephole::previous)
    for (std::size_t r = 0; r < rows; ++r)
      seen(p_.data() + p_o(), step.dgates.row(r) + at_.o.begin, units, step.dmemory.row(r));
}

template <class T>
void LstmCell<T>::hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                                  Share share) const noexcept {
  const View<const T> before_cell = dgates.columns(0, at_.before_cell), o = columns_of(dgates, at_.o);
  if (options_.feedback == Feedback::none)
    for (std::size_t r = 0; r < dh.rows(); ++r) std::ranges::fill(dh.row_span(r), T(0));
  else
    product(options_.layer_norm ? columns_of(dgates, at_.d_recurrent) : dgates.columns(0, at_.gates), R_.back,
            dh, Start::zero, share);
  if (options_.peephole == Peephole::full) {
    const View<T> dc = dmemory.columns(0, at_.cells);
    if (at_.before_cell > 0) product(before_cell, P_.back, dc, Start::accumulate, {});
    if (at_.o && !output_waits()) product(o, P_o_.back, dc, Start::accumulate, {});
  }
  if (!at_.memory_gates) return;
  const View<T> da = columns_of(dmemory, at_.memory_gates);
  if (options_.gate_recurrence == GateRecurrence::all)
    return product(dgates.columns(0, at_.gates), Q_.back, da, Start::zero, {});
  if (at_.before_cell > 0) product(before_cell, Q_.back, da, Start::zero, {});
  if (at_.o) product(o, Q_o_.back, da, at_.before_cell > 0 ? Start::accumulate : Start::zero, {});
}

template <class T>
void LstmCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  product(options_.layer_norm ? columns_of(dgates, at_.d_input) : dgates.columns(0, at_.gates), W_.back, dx,
          Start::zero, {});
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
