#include "losses/loss.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <array>

#include "base/suggest.h"
#include "losses/cross_entropy.h"
#include "losses/gaussian.h"
#include "losses/huber.h"
#include "losses/mae.h"
#include "losses/mse.h"
#include "losses/quantile.h"

namespace carousel {

template <class T>
LossPointer<T> make_loss(const std::string& name, const LossOptions& options) {
  if (name == "mse") return std::make_unique<Mse<T>>();
  if (name == "mae") return std::make_unique<Mae<T>>();
  if (name == "huber") return std::make_unique<Huber<T>>(options.delta);
  if (name == "quantile") return std::make_unique<Quantile<T>>(options.quantiles);
  if (name == "gaussian") return std::make_unique<Gaussian<T>>();
  if (name == "cross_entropy") return std::make_unique<CrossEntropy<T>>(options.classes);
  const std::array<std::string, 6> known = {"mse", "mae", "huber", "quantile", "gaussian", "cross_entropy"};
  throw SettingError(fmt::format("loss '{}' is not known; {}", name, suggestion(name, known)));
}

template LossPointer<float> make_loss(const std::string&, const LossOptions&);
template LossPointer<double> make_loss(const std::string&, const LossOptions&);

}  // namespace carousel
