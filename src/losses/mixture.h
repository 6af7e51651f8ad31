// Negative log-likelihood of all targets of a step together under a mixture of K Gaussians with diagonal
// covariances. The network puts out K weights pi, which are positive and sum to 1, then K rows of F means mu,
// then K rows of F standard deviations sigma, as the layer "mixture" does:
//
//     -log sum over k of pi_k prod over f of N(y_f; mu_kf, sigma_kf)
//     l_k = log pi_k - sum over f of (log 2 pi + ((y_f - mu_kf) / sigma_kf)^2) / 2 + log sigma_kf
//     loss = -(m + log sum over k of exp(l_k - m)), m the largest l_k
//
// with r_k = exp(l_k) / sum of exp(l), the share that component k has in y: derivative on pi_k -r_k / pi_k,
// on mu_kf r_k (mu_kf - y_f) / sigma_kf^2, on sigma_kf r_k (1 - ((y_f - mu_kf) / sigma_kf)^2) / sigma_kf. pi
// is held at 1e-30 and above, sigma between e^-15 and e^15; beyond, a derivative is kept only where it leads
// back. A missing target is left out of the product; a step counts as one target unless all are missing.
// Bishop, "Mixture Density Networks", 1994, eq. 22 and 29 with a variance for each dimension; Graves,
// "Generating Sequences with Recurrent Neural Networks", 2013, sec. 4.
#pragma once

#include <span>

#include "losses/loss.h"

namespace carousel {

template <class T>
class Mixture final : public Loss<T> {
 public:
  /// sigma is held between them: e^-15, e^15.
  static constexpr double kLeastDeviation = 3.0590232050182579e-7, kMostDeviation = 3269017.3724721107;

  /// Throws SettingError unless there is at least one component, at most 65536.
  explicit Mixture(std::size_t components);
  std::string name() const override { return "mixture"; }
  std::size_t outputs_for(std::size_t targets) const noexcept override {
    return components_ * (1 + 2 * targets);
  }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;

 private:
  T step_loss(const T* p, std::span<const T> y, T* d, std::span<T> shares) const;

  std::size_t components_;
};

}  // namespace carousel
