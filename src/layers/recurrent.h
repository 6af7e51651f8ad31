// A cell, run over time: full and truncated back-propagation through time, carried state, ragged batches.
#pragma once

#include "base/step_barrier.h"
#include "cells/cell.h"
#include "layers/layer.h"
#include "layers/learned_start.h"
#include "layers/outer_products.h"
#include "layers/state_noise.h"
#include "layers/work_split.h"

namespace carousel {

/// The buffers of one pass. Rows are in storage order (SequenceLayout); "slots" means one row a sequence,
/// slot by slot.
template <class T>
struct RecurrentTrace : Trace<T> {
  LayoutPointer layout;
  bool drops = false;           // variational dropout acts
  bool kept = false;            // gates and memory hold every step, not the last block only
  Tensor<T> h_initial;          // [B, H] slots
  Tensor<T> c_initial;          // [B, M] slots
  Tensor<T> gates;              // [rows, G] activations
  std::size_t block_steps = 0;  // steps of an input product
  Tensor<T> x_block;            // [B * block_steps, F]: inputs of some slots for these, side by side
  Tensor<T> c;                  // [rows, M]; if not kept, [B, M] slots
  // Zoneout: what the cell made of what is kept beside h, like c, and which units stayed what they were.
  Tensor<T> candidate;
  AlignedVector<std::uint8_t> chosen;  // [rows, H + Z]
  // Variational dropout: masks, and what is fed back, h under them.
  Tensor<T> keep;         // [B, H] slots
  Tensor<T> fed_initial;  // [B, H] slots
  Tensor<T> fed;          // [rows, H]
  // Backward works through segments of time steps, last first, and needs these for one segment at a time.
  Tensor<T> dgates;                // [segment rows, D]
  Tensor<T> h_before;              // [segment rows, H]
  Tensor<T> dh;                    // [B, H] slots
  Tensor<T> dc;                    // [B, M] slots
  Tensor<T> dh_direct, dc_direct;  // [B, H], [B, M] slots: what goes past the cell, by zoneout
  Tensor<T> memory_before;         // [segment rows, M]
  SegmentedGradients<T> weight_gradients;
  std::vector<View<const T>> factors;  // of the weight gradients
};

/// State of a sequence: h then what is kept beside it, [H + M]. H, M, G, D: the cell's outputs, memory, gates
/// and gate_gradients.
template <class T>
class Recurrent : public Layer<T> {
 public:
  explicit Recurrent(std::unique_ptr<Cell<T>> cell, const RecurrentOptions& options = {})
      : Layer<T>(cell->inputs(), cell->outputs()),
        cell_(std::move(cell)),
        options_(options),
        noise_(options, cell_->outputs(), cell_->zoneable()),
        start_(options.learned_start ? state_size() : 0, normaliser().begin,
               normaliser().end - normaliser().begin) {}

  std::string kind() const override { return cell_->kind(); }
  std::string description() const override;
  std::string kernel() const override {
    return cell_->kernel() + (runs_alone() ? ", one sequence by a kernel of its own" : "");
  }
  /// Parameters: the cell's; learned_start: start [H + M].
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override { cell_->pack(weights, packing); }
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override {
    return start_.is(parameter) ? cell_->unit_of_state(element) : cell_->unit_of(parameter, element);
  }
  std::size_t state_size() const noexcept override { return cell_->outputs() + cell_->memory(); }
  void start(std::span<const T> weights, View<T> state) const override { start_.fill(weights, state); }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const override {
    start_.add_gradient(dstate, gradient);
  }
  void name_values(std::span<StateValue> state) const override {
    Layer<T>::name_values(state);
    std::ranges::fill(state.subspan(normaliser().begin, normaliser().end - normaliser().begin),
                      StateValue::normaliser);
  }
  PassSchedule schedule(const Load& load) const override;
  std::unique_ptr<Trace<T>> make_trace() const override { return std::make_unique<RecurrentTrace<T>>(); }
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override {
    return batch * (cell_->gates() + (noise_.zones() ? cell_->memory() : 0));
  }
  /// "name.what" for everything that the cell calls recorded, of every step.
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  using Tr = RecurrentTrace<T>;
  /// Of the state.
  Share::Range normaliser() const noexcept {
    const Share::Range of_memory = cell_->normaliser();
    return {cell_->outputs() + of_memory.begin, cell_->outputs() + of_memory.end};
  }
  void prepare(const Pass& pass, const Sequences<T>& x, View<const T> state, Tr& trace) const;
  /// What one thread computes in every step: slots [begin, end), and of them all units or a share.
  struct Part {
    std::size_t begin, end;
    Share share = {};
    StepBarrier* barrier = nullptr;  // of those who have other units of the same slots

    /// Waits for the others. If waiting takes too long here, the first goes on with all units: false for the
    /// rest.
    [[nodiscard]] bool meet() noexcept {
      if (barrier == nullptr || barrier->wait()) return true;
      const bool first = share.part == 0;
      share = {};
      barrier = nullptr;
      return first;
    }
  };
  /// Calls task(part) on every thread, with a share of the units of slots [0, batch) each. False, and nothing
  /// done, where that would not pay for so many rows of all steps, or the pool has no threads for it now.
  template <class Task>
  bool share_units(const Pass& pass, std::size_t batch, std::size_t rows, Task&& task) const;
  bool runs_alone() const noexcept { return cell_->runs_alone() && !noise_.zones(); }
  /// Runs one sequence by the cell's kernel for it; false, with nothing done, where there is none.
  bool run_alone(const Sequences<T>& x, Sequences<T>& y, Tr& trace) const;
  void forward_by_rows(const Pass& pass, const Sequences<T>& x, Sequences<T>& y, Tr& trace) const;
  void forward_part(Part part, const Pass& pass, bool product_there, const Sequences<T>& x, Sequences<T>& y,
                    Tr& trace) const;
  /// One step of some slots.
  void forward_step(const Part& part, const Pass& pass, View<T> gates, std::size_t t, std::size_t count,
                    Sequences<T>& y, Tr& trace) const;
  void block_product(const Part& part, const Sequences<T>& x, Tr& trace, std::size_t t_begin,
                     std::size_t t_end) const;
  /// What goes back into the products of step t, of slots [begin, begin + count).
  View<const T> fed_back(const Sequences<T>& y, const Tr& trace, std::size_t t, std::size_t begin,
                         std::size_t count) const;
  void prepare_noise(const Pass& pass, const SequenceLayout& layout, Tr& trace) const;
  /// Zoneout after a step: what it found, what the cell made of it, and what is to be left.
  struct Settled {
    View<const T> c_before, made;
    View<T> c, h;
  };
  void zone(const Part& part, const Pass& pass, std::size_t t, const Settled& rows, const Sequences<T>& y,
            Tr& trace) const;
  /// What of the gradients on h_t and c_t goes past the cell; and back to what comes through it.
  void set_apart(const Part& part, std::size_t t, std::size_t count, Tr& trace) const;
  void put_back(const Part& part, std::size_t count, Tr& trace) const;
  void leave_state(const Sequences<T>& y, const Tr& trace, View<T> state) const;
  void backward_part(Part part, const Pass& pass, const Sequences<T>& y, const Sequences<T>& dy, Tr& trace,
                     std::size_t t_begin, std::size_t t_end) const;
  /// A factor of weight gradients for the rows of steps [t_begin, t_end).
  View<const T> factor(WeightGradient::Factor which, const Sequences<T>& x, const Sequences<T>& y, Tr& trace,
                       std::size_t t_begin, std::size_t t_end) const;
  void segment_gradients(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, Sequences<T>* dx,
                         std::span<T> gradient, Tr& trace, std::size_t t_begin, std::size_t t_end) const;
  std::size_t multiply_adds(std::size_t rows) const noexcept {
    return rows * cell_->gates() * (cell_->inputs() + cell_->outputs());
  }

  std::unique_ptr<Cell<T>> cell_;
  RecurrentOptions options_;
  StateNoise<T> noise_;
  LearnedStart<T> start_;
};

template <class T>
template <class Task>
bool Recurrent<T>::share_units(const Pass& pass, std::size_t batch, std::size_t rows, Task&& task) const {
  const PassSchedule shared = schedule(pass.load(batch));
  const std::size_t parts = shared.threads;
  ThreadPool& pool = *pass.pool;
  if (shared.by != SharedBy::units || work_parts(pool, parts, multiply_adds(rows)) == 1) return false;
  StepBarrier barrier(parts);
  const auto one = [&](std::size_t part) noexcept { task(Part{0, batch, {part, parts}, &barrier}); };
  if (!pool.run_together(parts, one)) return false;
  if (!barrier.together()) pool.keep_apart();
  return true;
}

}  // namespace carousel
