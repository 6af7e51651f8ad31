// What every cell tells and is told. A cell knows the equations of one time step for some rows of the batch;
// layers/recurrent.h runs it over time. Of a cell it asks for
//
// - Value: float or double
// - inputs(), outputs(): widths of x and of h
// - memory(): width of what is kept beside h from step to step (c); may be 0
// - gates(): width of a row of activations that backward needs
// - declare, initialise, pack: as of a layer (layers/layer.h)
// - most_shares(): into how many shares the units may fall
// - input_product, forward: a step, in two parts, the first for any rows of any steps at once
// - backward, hidden_gradient: a step back, in two parts; threads that share out units meet in between
// - input_gradient: for any rows at once
// - weight_gradients(), bias_gradients(): where columns of the gate gradients belong in the weight vector
// - kGateNames: of the columns of a row of activations, one name every outputs()
#pragma once

#include <cstddef>

namespace carousel {

/// Which units of a step a thread computes, where several threads share them out: part `part` of `parts`.
struct Share {
  std::size_t part = 0, parts = 1;

  struct Range {
    std::size_t begin, end;
  };
  /// Its range of n things, all nearly equal.
  Range of(std::size_t n) const noexcept { return {n * part / parts, n * (part + 1) / parts}; }
};

/// The gradient of a weight matrix [columns, width of the factor]: the sum over rows of the outer products of
/// `columns` columns of the gate gradients and a factor.
struct WeightGradient {
  enum class Factor { input, hidden, activation };  // x_t, h_{t-1} or columns of the activations
  std::size_t offset;                               // in the weight vector
  std::size_t column, columns;
  Factor factor;
  std::size_t factor_column = 0;  // of the activations: the first of outputs() columns
};

/// The gradient of a bias: the sum over rows of some columns of the gate gradients.
struct BiasGradient {
  std::size_t offset;
  std::size_t column, columns;
};

/// A cell that, where runs_alone(), runs one sequence by a kernel of its own (LstmCell::run_alone).
template <class Cell>
concept RunsAlone = requires(const Cell& cell) {
  cell.runs_alone();
};

}  // namespace carousel
