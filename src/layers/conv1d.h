// Convolution over time: y_u = activation(b + sum over j of W_j x[u stride + j dilation - left]), j = 0 ...
// kernel - 1, with zeros where a sequence has no such step. Time-delay networks: Waibel, Hanazawa, Hinton,
// Shikano, Lang 1989; dilated and causal: van den Oord et al., "WaveNet", 2016.
#pragma once

#include "kernels/activation_kinds.h"
#include "layers/affine.h"
#include "layers/layer.h"

namespace carousel {

/// causal: left = (kernel - 1) dilation, no output sees what comes after; same: left is half of that, rounded
/// down. With both, n steps become ceil(n / stride). none: left = 0, and an output is where all inputs are.
enum class Padding { causal, same, none };

/// "causal", "same", "none"; the words of the spec.
const std::vector<std::string>& padding_names();

struct ConvolutionOptions {
  std::size_t kernel = 1, stride = 1, dilation = 1;
  Padding padding = Padding::causal;
  kernels::Activation activation = {};

  /// Steps from the first input of an output to its last.
  std::size_t reach() const noexcept { return (kernel - 1) * dilation; }
};

/// State, where it is causal with stride 1: the last reach() inputs, oldest first; at first they are zeros.
template <class T>
class Conv1d final : public Layer<T> {
 public:
  Conv1d(std::size_t inputs, std::size_t outputs, const ConvolutionOptions& options)
      : Layer<T>(inputs, outputs), options_(options), affine_(options.kernel * inputs, outputs) {}

  std::string kind() const override { return "conv1d"; }
  std::string description() const override;
  std::string kernel() const override { return "windows as rows of a product"; }
  /// "name.W" [outputs, kernel * inputs], the oldest step's inputs first, and "name.b" [outputs].
  void declare(ParameterTable& table, const std::string& name) override { affine_.declare(table, name); }
  void initialise(std::span<T> weights, std::uint64_t seed) const override {
    affine_.initialise(weights, seed);
  }
  void pack(std::span<const T> weights, const Packing& packing) override { affine_.pack(weights, packing); }
  std::size_t state_size() const noexcept override {
    return causal() ? options_.reach() * this->inputs() : 0;
  }
  bool causal() const noexcept override {
    return options_.padding == Padding::causal && options_.stride == 1;
  }
  std::size_t output_length(std::size_t steps) const noexcept override;
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override { return batch * patch(); }

 private:
  /// Values that an output is made of.
  std::size_t patch() const noexcept { return options_.kernel * this->inputs(); }
  std::size_t block_rows() const noexcept;
  /// Where output u looks with its tap j: a step of the sequence, or before its beginning.
  std::ptrdiff_t place(std::size_t u, std::size_t j) const noexcept;
  /// What the outputs of rows [begin, end) are made of.
  void gather(const Pass& pass, const Sequences<T>& x, View<const T> initial, const SequenceLayout& y,
              std::size_t begin, std::size_t end, View<T> patches) const;
  /// Adds the gradients on patches to those on what they were gathered from, the last step's first.
  void scatter(const Pass& pass, const SequenceLayout& x, const SequenceLayout& y, std::size_t begin,
               std::size_t end, View<const T> patches, View<T> dstate, Sequences<T>* dx) const;
  void leave_state(const Sequences<T>& x, View<T> state) const noexcept;
  /// dstate of the final state becomes the part of it that reaches the initial one, dx the other.
  void enter_state_gradient(const SequenceLayout& x, View<T> dstate, Sequences<T>* dx) const noexcept;

  ConvolutionOptions options_;
  Affine<T> affine_;
};

}  // namespace carousel
