// Puts two sequences together, each step of the one with each of the other: what an encoder made of a source,
// and what a prediction network made of the symbols put out so far. With m_t and g_u the steps of the two:
//
//     h_tu = tanh(W m_t + b + V g_u)          logits_tu = W_o h_tu + b_o     over all symbols and the blank
//
// Graves, Mohamed & Hinton, "Speech Recognition with Deep Recurrent Neural Networks", ICASSP 2013, sec. 3.2.
#pragma once

#include <string>
#include <vector>

#include "layers/affine.h"
#include "layers/layer.h"

namespace carousel {

/// The buffers of one pass. Rows are in storage order.
template <class T>
struct JointTrace {
  LayoutPointer lattice;
  Sequences<T> sources, predictions;  // [S, B, J] W m + b, [U + 1, B, J] V g
  Sequences<T> hidden;                // [S (U + 1), B, J] h
  bool kept = false;
  // Backward.
  Sequences<T> dhidden, dsources, dpredictions;
  kernels::PackedMatrix<T> packed;
};

template <class T>
class JointNetwork {
 public:
  JointNetwork(std::size_t features, std::size_t predictions, std::size_t width, std::size_t symbols)
      : features_(features),
        predictions_(predictions),
        width_(width),
        outputs_(symbols + 1),
        source_(features, width),
        prediction_(predictions, width, false),
        output_(width, symbols + 1) {}

  std::size_t features() const noexcept { return features_; }
  std::size_t predictions() const noexcept { return predictions_; }
  std::size_t width() const noexcept { return width_; }
  /// Symbols and the blank.
  std::size_t outputs() const noexcept { return outputs_; }
  /// Which kernels it runs on, for `inspect`.
  static const char* kernel() noexcept { return "one product for each sequence's steps, tanh of their sums"; }

  /// Parameters: joint.source.W, joint.source.b, joint.prediction.W, output.W, output.b.
  void declare(ParameterTable& table);
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  void pack(std::span<const T> weights, const Packing& packing);

  /// memory [S, B, features()], predictions [U + 1, B, predictions()] -> logits [S (U + 1), B, outputs()],
  /// the pair (t, u) as step t (U + 1) + u. Throws Error for other shapes.
  void forward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& predictions,
               Sequences<T>& logits, JointTrace<T>& trace) const;
  /// After forward with pass.training. dmemory and dpredictions: reshaped and overwritten. gradient, laid out
  /// like the weights, is added to.
  void backward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& predictions,
                const Sequences<T>& dlogits, Sequences<T>& dmemory, Sequences<T>& dpredictions,
                std::span<T> gradient, JointTrace<T>& trace) const;

  /// For search, with the bits of forward: W m + b of some rows, V g of some rows, and the logits of one of
  /// the first with each of the second, [R, outputs()]. hidden: R width() values.
  void project_sources(View<const T> memory, View<T> sources) const noexcept { source_.map(memory, sources); }
  void project_predictions(View<const T> rows, View<T> predictions) const noexcept {
    prediction_.map(rows, predictions);
  }
  void put_out(std::span<const T> source, View<const T> predictions, View<T> logits,
               T* hidden) const noexcept;

 private:
  void lay_out(const SequenceLayout& memory, const SequenceLayout& predictions, JointTrace<T>& trace) const;
  /// From the gradient on h to that on what tanh was taken of, and its sums over either side.
  void sum_gradients(ThreadPool& pool, JointTrace<T>& trace) const;

  std::size_t features_, predictions_, width_, outputs_;
  Affine<T> source_, prediction_, output_;
};

}  // namespace carousel
