// A head for numbers whose distribution is a mixture of K Gaussians with diagonal covariances over D values:
// of a = W x + b it makes K weights by softmax, K rows of D means as they are, and K rows of D standard
// deviations by exp, side by side. What the loss "mixture" reads. Bishop, "Mixture Density Networks", 1994,
// eq. 23 to 27, with a deviation for each dimension; Graves, "Generating Sequences with Recurrent Neural
// Networks", 2013, eq. 18 to 21 without the correlation.
#pragma once

#include "layers/affine_layer.h"

namespace carousel {

template <class T>
class MixtureHead final : public AffineLayer<T> {
 public:
  MixtureHead(std::size_t inputs, std::size_t components, std::size_t values)
      : AffineLayer<T>(inputs, components * (1 + 2 * values)), components_(components), values_(values) {}

  std::string kind() const override { return "mixture"; }
  std::string description() const override;

 private:
  void finish(View<T> y) const noexcept override;
  void finish_gradient(View<const T> y, View<const T> dy, View<T> dpre) const noexcept override;

  std::size_t components_, values_;
};

}  // namespace carousel
