// Where everything lies in an LSTM cell's rows of activations and of gradients.
#pragma once

#include "cells/lstm_options.h"
#include "tensor/view.h"

namespace carousel {

/// Columns [begin, begin + count); count 0: there are none.
struct Columns {
  std::size_t begin = 0, count = 0;
  explicit operator bool() const noexcept { return count > 0; }
};
template <class T>
View<T> columns_of(View<T> rows, const Columns& columns) noexcept {
  return rows.columns(columns.begin, columns.count);
}

/// Of H cells in B blocks. Activations and gradients begin with the gates side by side, i | f | g | o, those
/// that there are: G columns. What comes behind them depends on the options.
struct LstmColumns {
  LstmColumns(std::size_t hidden, const LstmOptions& options);

  /// A gate's columns as the cells see them.
  const Columns& of_cells(const Columns& gate, const Columns& each) const noexcept {
    return cells == blocks ? gate : each;
  }

  std::size_t cells, blocks;
  Columns i, f, g, o;           // i, f, o: [B]; g: [H]
  std::size_t gates = 0;        // G
  std::size_t before_cell = 0;  // columns of i and f
  Columns memory_gates;         // in a row of what is kept: a = i | f | o behind c

  // Rows of activations, behind the gates.
  Columns input_normalised, recurrent_normalised, cell_normalised, scales;  // layer_norm: [G], [G], [H], [3]
  Columns each_i, each_f, each_o;  // several cells a block: the gates for each cell [H]; gradients too
  Columns unprojected;             // projection: o * z(c) [H]
  Columns projected;               // clip_projection: h_t before it [P]
  std::size_t activations = 0;     // width of a row

  // Rows of gradients, behind the gates and each_*.
  Columns d_projected, d_unprojected;      // projection: on h_t [P] and on o * z(c) [H]
  Columns output, d_output;                // z(c) and the gradient on it [H]
  Columns d_input, d_recurrent;            // layer_norm: on W x and R h [G]
  Columns d_input_gain, d_recurrent_gain;  // and products with what was normalised [G]
  Columns d_cell_gain, d_cell_bias;        // [H]
  std::size_t gradients = 0;               // width of a row
};

/// Whether the arithmetic between the products is that of kernels/lstm_gates.h alone.
bool fused(const LstmOptions& options) noexcept;

}  // namespace carousel
