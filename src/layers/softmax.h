// A head for classes: probabilities y_k = exp(a_k - m) / sum over j of exp(a_j - m), a = W x + b, m the
// largest a_k; or their logarithms (a_k - m) - log(sum over j of exp(a_j - m)), from which the loss
// cross_entropy loses nothing. Bridle 1990; Bishop, "Pattern Recognition and Machine Learning", 2006,
// eq. 4.104.
#pragma once

#include "layers/affine_layer.h"

namespace carousel {

/// dpre = y (dy - sum of y dy), y the softmax of what dpre is the gradient on.
template <class T>
void softmax_gradient(std::span<const T> y, std::span<const T> dy, std::span<T> dpre) noexcept;

template <class T>
class Softmax final : public AffineLayer<T> {
 public:
  Softmax(std::size_t inputs, std::size_t outputs, bool log) : AffineLayer<T>(inputs, outputs), log_(log) {}

  std::string kind() const override { return "softmax"; }
  std::string description() const override;

 private:
  void finish(View<T> y) const noexcept override;
  void finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept override;

  bool log_;
};

}  // namespace carousel
