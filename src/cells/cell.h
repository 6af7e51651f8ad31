// What every cell tells and is told. A cell knows the equations of one time step for some rows of the batch;
// layers/recurrent.h runs it over time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels/weight_format.h"
#include "tensor/parameters.h"
#include "tensor/view.h"

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
/// `columns` columns of the gate gradients and columns of a factor.
struct WeightGradient {
  /// x_t, h_{t-1}, what is kept beside h of step t - 1 or of step t, or the row of activations.
  enum class Factor { input, hidden, memory_before, memory, activation };
  std::size_t offset;  // in the weight vector
  std::size_t column, columns;
  Factor factor;
  std::size_t factor_column, factor_columns;
};

/// The gradient of a bias: the sum over rows of some columns of the gate gradients.
struct BiasGradient {
  std::size_t offset;
  std::size_t column, columns;
};

/// The gradient of weights that see one column each: the sum over rows of the products of some columns of the
/// gate gradients and as many of a factor, the first ones of it.
struct DiagonalGradient {
  std::size_t offset;
  std::size_t column, columns;
  WeightGradient::Factor factor;  // memory_before or memory
};

/// Widths of the rows that a cell works on.
struct CellWidths {
  std::size_t inputs, outputs;  // x and h
  std::size_t memory;           // what is kept beside h from step to step (c); may be 0
  std::size_t gates;            // the activations that backward needs
  std::size_t gate_gradients;   // what backward leaves for the gradients of weights and inputs
};

/// One step of some rows.
template <class T>
struct CellStep {
  View<T> gates;  ///< [rows, gates] the input product in, activations out
  View<const T> h_before;
  View<const T> memory_before;
  View<T> memory;  ///< may be memory_before
  View<T> h;       ///< not h_before
  Share share = {};
};

/// One step back.
template <class T>
struct CellStepBack {
  View<const T> gates;  ///< the activations that the step left
  View<const T> h_before, memory_before, memory;
  /// [rows, outputs] in, the gradient on h_t; out, what of it reaches h_{t-1} without the products of
  /// hidden_gradient.
  View<T> dh;
  View<T> dmemory;  ///< [rows, memory] the same of what is kept beside h
  View<T> dgates;   ///< [rows, gate_gradients] out
  Share share = {};
};

/// Columns of a row of activations or of memory that are worth a picture.
struct Recorded {
  const char* name;
  bool of_memory;
  std::size_t column, columns;
};

template <class T>
class Cell {
 public:
  virtual ~Cell() = default;

  std::size_t inputs() const noexcept { return widths_.inputs; }
  std::size_t outputs() const noexcept { return widths_.outputs; }
  std::size_t memory() const noexcept { return widths_.memory; }
  std::size_t gates() const noexcept { return widths_.gates; }
  std::size_t gate_gradients() const noexcept { return widths_.gate_gradients; }

  virtual std::string kind() const = 0;
  virtual std::string description() const = 0;
  /// As of a layer: how the arithmetic of a step runs.
  virtual std::string kernel() const = 0;

  /// As of a layer (layers/layer.h).
  virtual void declare(ParameterTable& table, const std::string& name) = 0;
  virtual void initialise(std::span<T> weights, std::uint64_t seed) const = 0;
  virtual void pack(std::span<const T> weights, const Packing& packing) = 0;

  /// As of a layer; and into which one a value of the state leads, h with what is kept beside it.
  virtual std::size_t unit_of(const Parameter& parameter, std::size_t element) const {
    return row_of(parameter, element) % outputs();
  }
  virtual std::size_t unit_of_state(std::size_t value) const { return value % outputs(); }

  /// Where columns of the gate gradients belong in the weight vector; known once declared.
  std::span<const WeightGradient> weight_gradients() const noexcept { return weight_gradients_; }
  std::span<const BiasGradient> bias_gradients() const noexcept { return bias_gradients_; }
  std::span<const DiagonalGradient> diagonal_gradients() const noexcept { return diagonal_gradients_; }
  virtual std::vector<Recorded> recorded() const = 0;

  /// Whether h_{t-1} enters a step through products alone, so that a mask may lie on it there.
  virtual bool hidden_only_in_products() const noexcept { return false; }
  /// How many of the first columns of what is kept beside h may stay what they were for a step, each by
  /// itself.
  virtual std::size_t zoneable() const noexcept { return 0; }

  /// Which columns of what is kept beside h others are divided by (StateValue::normaliser).
  virtual Share::Range normaliser() const noexcept { return {0, 0}; }

  /// Into at most so many shares the units of a step may fall.
  virtual std::size_t most_shares() const noexcept { return 1; }
  /// The units of h and of memory, each `outputs` columns wide, that forward computes for a share.
  virtual Share::Range units(Share share) const noexcept { return share.of(outputs()); }

  /// The first part of a step, for any rows of any steps at once; x [rows, inputs].
  virtual void input_product(View<const T> x, View<T> gates, Share share = {}) const noexcept = 0;
  /// The rest of it.
  virtual void forward(const CellStep<T>& step) const noexcept = 0;

  /// One step back, up to the pre-activations.
  virtual void backward(const CellStepBack<T>& step) const noexcept = 0;
  /// The rest of it, for which all columns of dgates must be there: dh and dmemory, out, the gradients on
  /// h_{t-1} and on memory_{t-1}.
  virtual void hidden_gradient(View<const T> dgates, View<T> dh, View<T> dmemory,
                               Share share = {}) const noexcept = 0;
  /// dx [rows, inputs]
  virtual void input_gradient(View<const T> dgates, View<T> dx) const noexcept = 0;

  /// Some cells run one sequence by a kernel of their own. x [steps, inputs] -> y [steps, outputs]; h
  /// [outputs] is that of the step before, memory [memory] in and out. Where needs_products(), products
  /// [steps, gates] is the input product, else it is not read.
  virtual bool runs_alone() const noexcept { return false; }
  virtual bool needs_products() const noexcept { return false; }
  virtual void run_alone(View<const T> x, const T* products, const T* h, T* memory,
                         View<T> y) const noexcept {
    (void)x, (void)products, (void)h, (void)memory, (void)y;
  }

 protected:
  explicit Cell(const CellWidths& widths) : widths_(widths) {}
  void add_gradient(const WeightGradient& gradient) { weight_gradients_.push_back(gradient); }
  void add_gradient(const BiasGradient& gradient) { bias_gradients_.push_back(gradient); }
  void add_gradient(const DiagonalGradient& gradient) { diagonal_gradients_.push_back(gradient); }

 private:
  CellWidths widths_;
  std::vector<WeightGradient> weight_gradients_;
  std::vector<BiasGradient> bias_gradients_;
  std::vector<DiagonalGradient> diagonal_gradients_;
};

}  // namespace carousel
