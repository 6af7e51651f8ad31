// The LSTM over the dimensions of an image in place of time: a cell for each position, which sees the
// positions before it along each of D dimensions. Graves, Fernandez, Schmidhuber, "Multi-Dimensional
// Recurrent Neural Networks", ICANN 2007; windows between levels: Graves & Schmidhuber, NIPS 2008.
//
//     i_p = sigmoid(W_i x_p + sum_d R_i^d h_{p-d} + p_i sum_d c_{p-d} + b_i)
//
//     f^d_p = sigmoid(W_f^d x_p + sum_e R_f^{d,e} h_{p-e} + p_f^d c_{p-d} + b_f^d)   for each dimension d
//
//     g_p = tanh(W_g x_p + sum_d R_g^d h_{p-d} + b_g)
//
//     c_p = i_p g_p + sum_d f^d_p c_{p-d}
//
//     o_p = sigmoid(W_o x_p + sum_d R_o^d h_{p-d} + p_o c_p + b_o)
//
//     h_p = o_p tanh(c_p)
//
// p - d: the position one before p along dimension d; zeros outside the image. x_p is a window of the image,
// and windows lie side by side. 2^D directions begin in different corners and have weights of their own.
//
// Positions whose coordinates have the same sum do not depend on each other: such a diagonal of all images of
// a group is one matrix product.
#pragma once

#include <string>
#include <vector>

#include "cells/products.h"
#include "kernels/lstm_gates.h"
#include "layers/layer.h"
#include "layers/patches.h"
#include "layers/weight_noise.h"

namespace carousel {

/// How far a layer of positions reaches, diagonal by diagonal.
class Diagonals {
 public:
  Diagonals(const Extent& grid, std::size_t dimensions);

  std::size_t count() const noexcept { return first_.size() - 1; }
  std::size_t first(std::size_t diagonal) const noexcept { return first_[diagonal]; }
  std::size_t size(std::size_t diagonal) const noexcept { return first_[diagonal + 1] - first_[diagonal]; }
  std::size_t largest() const noexcept { return largest_; }
  /// Position, counted in the grid, of cell k (counted over all diagonals), seen from a corner: bit d of the
  /// direction says that dimension d (0 is the outermost) runs backwards.
  std::size_t position(std::size_t k, std::size_t direction) const noexcept;
  /// The cell of the diagonal before, counted from that diagonal's first, that lies one before cell k along
  /// dimension d; kNone outside the image.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t before(std::size_t k, std::size_t d) const noexcept { return before_[k * dimensions_ + d]; }

 private:
  Extent grid_;
  std::size_t dimensions_, largest_ = 0;
  std::vector<std::array<std::size_t, 3>> places_;
  std::vector<std::size_t> first_, before_;
};

struct MdLstmOptions {
  std::size_t channels = 1, hidden = 1, dimensions = 2;
  Extent image, window;
  bool all_directions = true;
  bool concat = true;  ///< directions side by side; else their sum
  bool last = false;   ///< the last position only of each direction, in place of all
  bool peephole = false;
  double forget_bias = 0;
  WeightNoise noise = {};
  std::string text;  ///< as the spec says it, for `inspect`
};

template <class T>
struct MdLstmTrace;
template <class T>
struct MdLstmBuffers;

/// No state: each row of features is an image of its own.
template <class T>
class MdLstm final : public Layer<T> {
 public:
  explicit MdLstm(const MdLstmOptions& options);

  std::string kind() const override { return "md_lstm"; }
  std::string description() const override { return options_.text + options_.noise.text(); }
  std::string kernel() const override { return "a product for each diagonal, gates fused with it"; }
  /// Threads share groups of images: of one a sequence here, so where sequences have several steps more of
  /// them can work.
  PassSchedule schedule(const Load& load) const override;
  /// Parameters of direction n, gates in the order i, f of each dimension, g, o: "name.n.W" [(3 + D) H,
  /// window * channels], R [(3 + D) H, D H], b [(3 + D) H], peepholes of i, f of each dimension, o: p [2 + D,
  /// H].
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  /// The cells of one direction after the other.
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override;

 private:
  struct Direction {
    std::size_t W = 0, R = 0, b = 0, p = 0;  // offsets in the weight vector
    Factor<T> W_packed, R_packed;
    AlignedVector<T> bias, peepholes;
  };
  /// Images [begin, begin + count) of all, in storage order, and where what is kept of them begins: rows
  /// [cell, image], cells diagonal by diagonal; null where it is not.
  struct Group {
    std::size_t begin, count;
    T *gates, *c, *h;
  };
  /// Numbers that a diagonal takes for each image, with c and h of the one before.
  std::size_t scratch_per_image() const noexcept;
  Group group_of(std::size_t number, std::size_t direction, std::size_t rows, MdLstmTrace<T>& trace) const;
  void forward_group(const Group& group, std::size_t direction, View<const T> x, View<T> y,
                     T* scratch) const noexcept;
  void gather_windows(const Group& group, std::size_t diagonal, std::size_t direction, View<const T> x,
                      T* windows) const noexcept;
  /// [rows, D H]: h or c of the positions before.
  void gather_before(const Group& group, std::size_t diagonal, const T* before, T* to) const noexcept;
  /// Calls run(row of the diagonal, image, first column of y) for each cell whose h is an output.
  template <class Run>
  void for_outputs(const Group& group, std::size_t diagonal, std::size_t direction, Run&& run) const;
  void reserve(std::size_t rows, MdLstmBuffers<T>& buffers) const;
  /// Adds to buffers.gradient and, where it is there, dx.
  void backward_group(const Group& group, std::size_t direction, View<const T> x, View<const T> dy,
                      View<T> dx, MdLstmBuffers<T>& buffers) const;
  void scatter_before(const Group& group, std::size_t diagonal, const T* from, T* before) const noexcept;
  void gates_backward(const Direction& of, std::size_t rows, const T* gates_of_diagonal, const T* c,
                      MdLstmBuffers<T>& buffers) const noexcept;
  void weight_gradients(const Direction& of, std::size_t rows, const T* c, MdLstmBuffers<T>& buffers) const;
  std::size_t gates() const noexcept { return (3 + options_.dimensions) * options_.hidden; }
  std::size_t seen() const noexcept { return options_.dimensions * options_.hidden; }
  kernels::LstmPolicy policy() const noexcept;

  MdLstmOptions options_;
  Patches windows_;
  Diagonals diagonals_;
  std::vector<Direction> directions_;
  std::size_t begin_ = 0, size_ = 0;  // of the layer's parameters
};

template <class T>
template <class Run>
void MdLstm<T>::for_outputs(const Group& group, std::size_t diagonal, std::size_t direction,
                            Run&& run) const {
  if (options_.last && diagonal + 1 < diagonals_.count()) return;
  const std::size_t H = options_.hidden, width = options_.concat ? directions_.size() * H : H;
  for (std::size_t cell = 0; cell < diagonals_.size(diagonal); ++cell) {
    const std::size_t position =
        options_.last ? 0 : diagonals_.position(diagonals_.first(diagonal) + cell, direction);
    for (std::size_t image = 0; image < group.count; ++image)
      run(cell * group.count + image, group.begin + image,
          position * width + (options_.concat ? direction * H : 0));
  }
}

}  // namespace carousel
