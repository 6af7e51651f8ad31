// Quantile (pinball) loss: with e = y - p, for the quantile q:  q e where e > 0,  (q - 1) e elsewhere.
// A target's loss is the mean over its Q quantiles; the derivative is 0 where y = p. Predictions may cross.
// Koenker, Bassett, "Regression Quantiles", Econometrica 46, 1978.
#pragma once

#include "losses/loss.h"

namespace carousel {

template <class T>
class Quantile final : public Loss<T> {
 public:
  /// Throws SettingError unless there is at least one quantile, all in (0, 1) and ascending.
  explicit Quantile(const std::vector<double>& quantiles);
  std::string name() const override { return "quantile"; }
  std::size_t outputs_for(std::size_t targets) const noexcept override { return quantiles_.size() * targets; }
  LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const override;

 private:
  std::vector<T> quantiles_;
};

}  // namespace carousel
