#include "losses/loss.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <array>

#include "base/suggest.h"
#include "losses/bernoulli.h"
#include "losses/cross_entropy.h"
#include "losses/ctc.h"
#include "losses/gaussian.h"
#include "losses/huber.h"
#include "losses/mae.h"
#include "losses/mixture.h"
#include "losses/mse.h"
#include "losses/quantile.h"
#include "losses/transducer_loss.h"

namespace carousel {

template <class T>
std::size_t Loss<T>::targets_of(std::size_t outputs) const noexcept {
  // outputs_for is linear.
  const std::size_t each = outputs_for(1) - outputs_for(0), first = outputs_for(0);
  const std::size_t targets = outputs < first ? 0 : (outputs - first) / each;
  return outputs_for(targets) == outputs ? targets : 0;
}

template <class T>
void Loss<T>::check_lengths(std::span<const std::size_t> predictions,
                            std::span<const std::size_t> targets) const {
  if (predictions.size() != targets.size())
    throw Error(fmt::format("[{}] a batch has {} predictions and {} targets", name(), predictions.size(),
                            targets.size()));
  if (whole_sequences()) return;
  for (std::size_t b = 0; b < targets.size(); ++b)
    if (targets[b] != predictions[b])
      throw Error(fmt::format(
          "[{}] sequence {}: expected targets for {} steps, as many as there are predictions, got {}", name(),
          b, predictions[b], targets[b]));
}

template <class T>
LossValue Loss<T>::evaluate_sequences(ThreadPool&, const Sequences<T>& prediction, const Sequences<T>& target,
                                      Sequences<T>* gradient) const {
  check_lengths(prediction.layout().lengths(), target.layout().lengths());
  if (gradient != nullptr) gradient->reshape(prediction.layout_pointer(), prediction.features());
  return evaluate(prediction.matrix(), target.matrix(), gradient != nullptr ? gradient->matrix() : View<T>());
}

template <class T>
LossPointer<T> make_loss(const std::string& name, const LossOptions& options) {
  if (name == "mse") return std::make_unique<Mse<T>>();
  if (name == "mae") return std::make_unique<Mae<T>>();
  if (name == "huber") return std::make_unique<Huber<T>>(options.delta);
  if (name == "quantile") return std::make_unique<Quantile<T>>(options.quantiles);
  if (name == "gaussian") return std::make_unique<Gaussian<T>>();
  if (name == "cross_entropy")
    return std::make_unique<CrossEntropy<T>>(options.classes, options.smoothing, options.class_weights);
  if (name == "bernoulli") return std::make_unique<Bernoulli<T>>();
  if (name == "ctc") return std::make_unique<Ctc<T>>(options.classes);
  if (name == "transducer") return std::make_unique<TransducerLoss<T>>(options.classes);
  if (name == "mixture") return std::make_unique<Mixture<T>>(options.components);
  const std::array<std::string, 10> known = {"mse",           "mae",       "huber", "quantile", "gaussian",
                                             "cross_entropy", "bernoulli", "ctc",   "mixture",  "transducer"};
  throw SettingError(fmt::format("loss '{}' is not known; {}", name, suggestion(name, known)));
}

template class Loss<float>;
template class Loss<double>;
template LossPointer<float> make_loss(const std::string&, const LossOptions&);
template LossPointer<double> make_loss(const std::string&, const LossOptions&);

}  // namespace carousel
