// The mLSTM: an LSTM whose heads each remember a matrix, written by keys and values and read by queries, with
// exponential input gates. Nothing but the memory links one step to the next.
//
//     q_t = W_q x_t + b_q   k_t = W_k x_t / sqrt(d) + b_k   v_t = W_v x_t + b_v    d = H / N units a head
//     i_t = exp(w_i x_t + b_i)   f_t = sigmoid(w_f x_t + b_f) or exp(.)            one of each a head
//     C_t = f_t C_{t-1} + i_t v_t k_t^T                n_t = f_t n_{t-1} + i_t k_t
//     h_t = sigmoid(W_o x_t + b_o) * C_t q_t / max(|n_t . q_t|, 1)
//
// Beck, Poeppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter & Hochreiter, "xLSTM: Extended
// Long Short-Term Memory", NeurIPS 2024, eq. 19 to 27. Computed in its stabilised form: what is kept is C_t,
// n_t divided by exp(m_t) (kernels/mlstm.h). Backward: docs/equations.md.
#pragma once

#include "cells/forget_activation.h"
#include "kernels/gemm.h"
#include "kernels/mlstm.h"
#include "layers/layer.h"
#include "layers/learned_start.h"
#include "layers/outer_products.h"
#include "layers/weight_noise.h"

namespace carousel {

template <class T>
struct MlstmTrace;
template <class T>
struct MlstmStretch;

/// State of a sequence: C of every head, [d, d] with v's elements side by side, then n [H] and m [N]; all
/// zero at the beginning.
template <class T>
class Mlstm : public Layer<T> {
 public:
  /// hidden must be a multiple of heads.
  Mlstm(std::size_t inputs, std::size_t hidden, std::size_t heads, ForgetActivation forget_activation,
        bool learned_start = false, const WeightNoise& noise = {})
      : Layer<T>(inputs, hidden),
        row_{heads, hidden / heads, forget_activation == ForgetActivation::exponential},
        noise_(noise),
        start_(learned_start ? m_of_state() : 0) {}

  std::string kind() const override { return "mlstm"; }
  std::string description() const override;
  std::string kernel() const override { return "gates of all steps at once, memory sixteen steps at a time"; }
  /// Parameters: W [4H + 2N, F] and b [4H + 2N], in the order q, k, v, o, i, f; learned_start: C and n as
  /// start [H d + H], where m is 0.
  void declare(ParameterTable& table, const std::string& name) override {
    const std::size_t first = table.all().size();
    W_ = table.add_matrix(name + ".W", row_.products(), this->inputs());
    b_ = table.add(name + ".b", {row_.products()});
    noise_.declare(table, first);
    start_.declare(table, name);
  }
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  /// The heads.
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override;
  std::size_t state_size() const noexcept override { return row_.hidden() * (row_.size + 1) + row_.heads; }
  void start(std::span<const T> weights, View<T> state) const override { start_.fill(weights, state); }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const override {
    start_.add_gradient(dstate, gradient);
  }
  PassSchedule schedule(const Load& load) const override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override {
    return batch * (row_.width() + row_.forward_scratch(1));
  }
  /// "name.i" and "name.f", what a step adds and keeps of the scaled memory, and "name.o".
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  using Tr = MlstmTrace<T>;
  std::size_t n_of_state() const noexcept { return row_.hidden() * row_.size; }
  std::size_t m_of_state() const noexcept { return n_of_state() + row_.hidden(); }
  std::size_t product_work(std::size_t rows) const noexcept {
    return rows * row_.products() * this->inputs();
  }
  /// What a thread works on: a head of a sequence, through time.
  struct Strand {
    std::size_t slot, head;
  };
  /// Calls task(part, strand) for every head of the first `slots` slots, `part` a thread's number.
  template <class Task>
  void share_strands(ThreadPool& pool, std::size_t slots, std::size_t parts, Task&& task) const;
  std::size_t strand_parts(const Pass& pass, std::size_t slots, std::size_t rows) const;
  /// That any of the pass's steps may be shared out to.
  std::size_t most_parts(const Pass& pass, const SequenceLayout& layout) const noexcept {
    return std::min(pass.pool->threads(), layout.batch() * row_.heads);
  }

  void gates_of(View<const T> x, View<T> gates) const noexcept;
  /// What runs `steps` steps of a head, but for its rows.
  kernels::MlstmForward<T> steps_of(std::size_t head, std::size_t steps, T* state, T* scratch) const noexcept;
  void remember(std::size_t part, Strand strand, View<T> state, Sequences<T>& y, Tr& trace,
                std::size_t t_begin, std::size_t t_end) const;
  void remember_again(const MlstmStretch<T>& stretch, const Sequences<T>& y, const Sequences<T>& dy,
                      Tr& trace) const;
  /// dstate: the sequence's.
  void go_back(const MlstmStretch<T>& stretch, const Pass& pass, T* dstate, Tr& trace) const;
  /// Gives a kernel's run the rows of steps [begin, end).
  template <class Run>
  void rows_of(const MlstmStretch<T>& stretch, Tr& trace, std::size_t begin, std::size_t end, Run& run) const;
  void segment_gradients(const Pass& pass, const Sequences<T>& x, Sequences<T>* dx, std::span<T> gradient,
                         Tr& trace, std::size_t first) const;

  kernels::MlstmRow row_;
  WeightNoise noise_;
  LearnedStart<T> start_;
  std::size_t W_ = 0, b_ = 0;                        // offsets in the weight vector
  kernels::PackedMatrix<T> input_, input_gradient_;  // W as [F, products], as [products, F]
  AlignedVector<T> bias_;                            // that of k times sqrt(d): the product is divided later
};

}  // namespace carousel
