// min_lstm and min_gru: the LSTM and the GRU without anything fed back, so that all gates of all steps are
// there before the first state is.
//
//     min_lstm  i_t = sigmoid(W_i x_t + b_i)   f_t = sigmoid(W_f x_t + b_f)   z_t = i_t / (i_t + f_t)
//     min_gru   z_t = sigmoid(W_z x_t + b_z)
//     both      g_t = W_g x_t + b_g            h_t = (1 - z_t) * h_{t-1} + z_t * g_t
//
// Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, "Were RNNs All We Needed?", 2024, sections 3.1 and 3.2; f_t /
// (i_t + f_t), by which min_lstm multiplies h_{t-1}, is 1 - z_t. Backward: docs/equations.md.
//
// Products and gates are computed for all steps at once, and threads share out the steps, those of one
// sequence too; so they do with the scan that is left (layers/block_scan.h).
#pragma once

#include "kernels/gemm.h"
#include "kernels/min_gates.h"
#include "layers/block_scan.h"
#include "layers/layer.h"
#include "layers/learned_start.h"
#include "layers/outer_products.h"
#include "layers/weight_noise.h"

namespace carousel {

/// g_t as it is, or made positive by x + 1/2 for x >= 0 and sigmoid(x) below: the paper's appendix B, where
/// the scan in log space needs it.
enum class MinCandidate { linear, positive };

/// "linear", "positive"; the words of the spec.
const std::vector<std::string>& min_candidate_names();

template <class T>
struct MinRecurrentTrace;

/// State of a sequence: h | s | A | L [H] each, as kernels/min_gates.h carries them, and the steps that are
/// done of the block, one value. h is what counts: a state with zeros, or anything else, behind h goes on
/// from h; what stands there after a pass lets the next one go on with the same bits. Gradients pass through
/// h alone.
template <class T>
class MinRecurrent : public Layer<T> {
 public:
  /// forget_bias: first value of min_lstm's b_f and -b_i, of min_gru's -b_z; 1 - z begins near its sigmoid.
  MinRecurrent(kernels::MinForm form, std::size_t inputs, std::size_t hidden, MinCandidate candidate,
               double forget_bias, bool learned_start = false, const WeightNoise& noise = {})
      : Layer<T>(inputs, hidden),
        gates_{form, candidate == MinCandidate::positive, hidden},
        forget_bias_(forget_bias),
        noise_(noise),
        start_(learned_start ? hidden : 0) {}

  std::string kind() const override { return is_lstm() ? "min_lstm" : "min_gru"; }
  std::string description() const override;
  std::string kernel() const override { return "gates of all steps fused with the product, scan by blocks"; }
  /// Parameters: W [3H, F], b [3H], in the order i, f, g; min_gru: W [2H, F], b [2H], in the order z, g.
  /// learned_start: h as start [H].
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  std::size_t state_size() const noexcept override { return carries() + 1; }
  void start(std::span<const T> weights, View<T> state) const override { start_.fill(weights, state); }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const override {
    start_.add_gradient(dstate, gradient);
  }
  void name_values(std::span<StateValue> state) const override {
    std::ranges::fill(state, StateValue::bookkeeping);
    std::ranges::fill(state.first(this->outputs()), StateValue::memory);
  }
  PassSchedule schedule(const Load& load) const override {
    return {load.threads > 1 ? SharedBy::steps : SharedBy::rows, std::max<std::size_t>(1, load.threads)};
  }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override { return batch * gates_.width(); }
  /// "name.i", "name.f", "name.g" and "name.z", or "name.z" and "name.g".
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  using Tr = MinRecurrentTrace<T>;
  bool is_lstm() const noexcept { return gates_.form == kernels::MinForm::lstm; }
  std::size_t products() const noexcept { return gates_.products() * this->outputs(); }
  std::size_t multiply_adds(std::size_t rows) const noexcept { return rows * products() * this->inputs(); }
  void gates_of(View<const T> x, View<T> gates) const noexcept;
  std::size_t carries() const noexcept { return kernels::kMinCarries * this->outputs(); }
  std::size_t scan_work(std::size_t rows) const noexcept;
  void read_states(View<const T> state, Tr& trace) const;
  void write_states(const Tr& trace, View<T> state) const;
  void scan(const BlockScan& blocks, const SlotSteps& steps, T* carry, bool carry_only, Sequences<T>& y,
            Tr& trace, std::size_t t_begin) const;
  void scan_back(const BlockScan& blocks, const Pass& pass, const SlotSteps& steps, T* carry, bool carry_only,
                 const Sequences<T>& y, const Sequences<T>& dy, Tr& trace, std::size_t t_begin) const;
  /// What the segment whose rows begin with `first` adds to the weights' gradients, and its dx.
  void segment_gradients(const Pass& pass, const Sequences<T>& x, Sequences<T>* dx, std::span<T> gradient,
                         Tr& trace, std::size_t first) const;

  kernels::MinGates gates_;
  double forget_bias_;
  WeightNoise noise_;
  LearnedStart<T> start_;
  std::size_t W_ = 0, b_ = 0;                        // offsets in the weight vector
  kernels::PackedMatrix<T> input_, input_gradient_;  // W as [F, products], as [products, F]
  AlignedVector<T> bias_;
};

}  // namespace carousel
