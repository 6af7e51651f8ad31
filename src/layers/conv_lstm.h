// The LSTM over images: what the cell's matrix products are elsewhere are convolutions here, and every
// position has a cell for each channel. Shi, Chen, Wang, Yeung, Wong, Woo, "Convolutional LSTM Network", NIPS
// 2015.
//
//     i_t = sigmoid(W_i * x_t + R_i * h_{t-1} + p_i c_{t-1} + b_i)         f_t the same
//     g_t = tanh(W_g * x_t + R_g * h_{t-1} + b_g)
//     c_t = f_t c_{t-1} + i_t g_t
//     o_t = sigmoid(W_o * x_t + R_o * h_{t-1} + p_o c_t or c_{t-1} + b_o)  h_t = o_t tanh(c_t)
//
// * is convolution, everything else by element. An image is a row of features [z, y, x, channel].
#pragma once

#include "cells/lstm_options.h"
#include "cells/products.h"
#include "layers/layer.h"
#include "layers/learned_start.h"
#include "layers/patches.h"
#include "layers/weight_noise.h"

namespace carousel {

struct ConvLstmOptions {
  std::size_t channels = 1;  ///< of an input image, hidden channels of the state
  std::size_t hidden = 1;
  Extent image, kernel, stride, dilation;  ///< of the input; the state has ceil(image / stride) positions
  Extent recurrent_kernel, recurrent_dilation;
  bool peephole = false;  ///< for each channel and position
  OutputPeephole output_peephole = OutputPeephole::current;
  double forget_bias = 1;
  WeightNoise noise = {};
  bool learned_start = false;
  std::string text;  ///< as the spec says it, for `inspect`
};

template <class T>
struct ConvLstmTrace;
template <class T>
struct ConvLstmBuffers;

/// State of a sequence: h then c, [2 * positions * hidden].
template <class T>
class ConvLstm final : public Layer<T> {
 public:
  explicit ConvLstm(const ConvLstmOptions& options);

  std::string kind() const override { return "conv_lstm"; }
  std::string description() const override { return options_.text + options_.noise.text() + start_.text(); }
  std::string kernel() const override { return "windows as rows of a product, gates fused with it"; }
  /// Parameters, gates in the order i, f, g, o: W [4 hidden, kernel * channels], R [4 hidden, kernel *
  /// hidden], b [4 hidden]; peepholes of i, f, o: p [3, positions * hidden]; learned_start: start, the state.
  void declare(ParameterTable& table, const std::string& name) override;
  void initialise(std::span<T> weights, std::uint64_t seed) const override;
  void pack(std::span<const T> weights, const Packing& packing) override;
  /// The channels.
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override {
    const bool by_position = options_.peephole && parameter.offset == p_;
    return (by_position ? element : row_of(parameter, element)) % options_.hidden;
  }
  std::size_t state_size() const noexcept override { return 2 * this->outputs(); }
  void start(std::span<const T> weights, View<T> state) const override { start_.fill(weights, state); }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const override {
    start_.add_gradient(dstate, gradient);
  }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override;
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  /// One image at one time step: pointers to what belongs to it, [positions, ...].
  struct Image {
    const T *x, *h_before, *c_before;
    T *c, *h;
    T* gates;  ///< null: not kept
  };
  struct ImageBack {
    const T *x, *h_before, *c_before, *c, *gates;
    T *dc, *dx;  ///< dx may be null
  };
  struct Whole {
    const Sequences<T>&x, &y, &dy;
    Sequences<T>* dx;
  };
  std::size_t positions() const noexcept { return input_.output().volume(); }
  std::size_t gates() const noexcept { return 4 * options_.hidden; }
  kernels::LstmPolicy policy() const noexcept;
  void forward_image(const Image& at, T* windows, T* gates_of_block) const noexcept;
  void forward_sequence(const Sequences<T>& x, std::size_t slot, View<T> state, Sequences<T>& y,
                        ConvLstmTrace<T>& trace, ConvLstmBuffers<T>& buffers) const;
  void backward_sequence(const Pass& pass, const Whole& of, std::size_t slot, View<T> dstate,
                         ConvLstmTrace<T>& trace, ConvLstmBuffers<T>& buffers) const;
  /// Adds to the gradient (laid out like the layer's parameters), buffers.dh_before and dx.
  void backward_image(const ImageBack& at, T* gradient, ConvLstmBuffers<T>& buffers) const;
  void gates_backward(const ImageBack& at, std::size_t begin, std::size_t count, View<T> dgates,
                      ConvLstmBuffers<T>& buffers) const noexcept;
  void add_peephole_gradients(const ImageBack& at, std::size_t begin, View<const T> dgates,
                              T* gradient) const noexcept;

  ConvLstmOptions options_;
  Patches input_, recurrent_;
  LearnedStart<T> start_;
  std::size_t W_ = 0, R_ = 0, b_ = 0, p_ = 0, size_ = 0;  // offsets in the weight vector; parameters in all
  Factor<T> W_packed_, R_packed_;
  AlignedVector<T> bias_, peepholes_;
};

}  // namespace carousel
