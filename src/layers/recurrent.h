// A cell, run over time: full and truncated back-propagation through time, carried state, ragged batches.
#pragma once

#include "base/step_barrier.h"
#include "cells/lstm_cell.h"
#include "layers/layer.h"
#include "layers/outer_products.h"

namespace carousel {

/// The buffers of one pass. Rows are in storage order (SequenceLayout); "slots" means one row a sequence,
/// slot by slot.
template <class T>
struct RecurrentTrace : Trace<T> {
  LayoutPointer layout;
  bool kept = false;            // gates and memory hold every step, not the last block only
  Tensor<T> h_initial;          // [B, H] slots
  Tensor<T> c_initial;          // [B, H] slots
  Tensor<T> gates;              // [rows, 4H] activations
  std::size_t block_steps = 0;  // steps of an input product
  Tensor<T> x_block;            // [B * block_steps, F]: inputs of some slots for these, side by side
  Tensor<T> c;                  // [rows, H]; if not kept, [B, H] slots
  // Backward works through segments of time steps, last first, and needs these for one segment at a time.
  Tensor<T> dgates;    // [segment rows, 4H]
  Tensor<T> h_before;  // [segment rows, H]
  Tensor<T> dh, dc;    // [B, H] slots
  SegmentedGradient<T> dW, dR;
};

/// State of a sequence: h then c, [2H].
template <class T>
class Recurrent : public Layer<T> {
 public:
  /// forget_bias: first value of the forget gate's bias (Gers et al. 2000; Jozefowicz et al. 2015).
  Recurrent(std::size_t inputs, std::size_t hidden, double forget_bias = 1.0);

  std::string kind() const override { return "lstm"; }
  std::string description() const override;
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights) override;
  std::size_t state_size() const noexcept override { return cell_.outputs() + cell_.memory(); }
  std::unique_ptr<Trace<T>> make_trace() const override { return std::make_unique<RecurrentTrace<T>>(); }
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override { return batch * cell_.gates(); }
  /// "name.i", "name.f", "name.g", "name.o" and "name.c" of every step.
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  using Tr = RecurrentTrace<T>;
  void prepare(const Pass& pass, const Sequences<T>& x, View<const T> state, Tr& trace) const;
  /// What one thread computes in every step: slots [begin, end), and of them some units.
  struct Part {
    std::size_t begin, end;
    typename LstmCell<T>::Groups groups;
    StepBarrier* barrier;  // of those who have other units of the same slots; else null
    bool product_there;    // the input product of all steps
  };
  bool forward_by_units(ThreadPool& pool, const Sequences<T>& x, Sequences<T>& y, Tr& trace) const;
  void forward_part(const Part& part, const Sequences<T>& x, Sequences<T>& y, Tr& trace) const;
  void block_product(const Part& part, const Sequences<T>& x, Tr& trace, std::size_t t_begin,
                     std::size_t t_end) const;
  void leave_state(const Sequences<T>& y, const Tr& trace, View<T> state) const;
  void backward_slots(const Pass& pass, const Sequences<T>& dy, Tr& trace, std::size_t t_begin,
                      std::size_t t_end, std::size_t begin, std::size_t end) const;
  void segment_gradients(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, Sequences<T>* dx,
                         std::span<T> gradient, Tr& trace, std::size_t t_begin, std::size_t t_end) const;
  std::size_t multiply_adds(std::size_t rows) const noexcept {
    return rows * cell_.gates() * (cell_.inputs() + cell_.outputs());
  }

  LstmCell<T> cell_;
  double forget_bias_;
  std::size_t W_ = 0, R_ = 0, b_ = 0;  // offsets in the weight vector
};

}  // namespace carousel
