#include "training/online/local_online_rule.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carousel {

namespace {

template <class T>
const LstmG<T>& only_layer(const Network<T>& network) {
  const auto layers = network.layers();
  const auto* const layer = layers.size() == 1 ? dynamic_cast<const LstmG<T>*>(layers[0]) : nullptr;
  const bool others = std::ranges::any_of(network.parameters().all(), [](const Parameter& parameter) {
    return parameter.name == "layers.0.start" || parameter.noise > 0;
  });
  if (layer == nullptr || others)
    throw SettingError(fmt::format(
        "lstm_g: found the network \"{}\", expected one layer lstm_g, with the outputs among its groups "
        "and without learned_start and weight_noise",
        to_text(network.spec())));
  return *layer;
}

}  // namespace

template <class T>
LocalOnlineRule<T>::LocalOnlineRule(const Network<T>& network)
    : network_(network.spec(), network.inputs()),
      rule_(std::make_unique<LocalRule<T>>(only_layer(network_))),
      state_(network.state_size(), T(0)),
      y_(network.outputs(), T(0)),
      gradient_(network.weights().size(), T(0)),
      collected_(gradient_) {
  set_weights(network.weights());
}

template <class T>
void LocalOnlineRule<T>::get_weights(std::span<T> weights) const noexcept {
  std::ranges::copy(network_.weights(), weights.begin());
}

template <class T>
void LocalOnlineRule<T>::restart() noexcept {
  std::ranges::fill(state_, T(0));
  rule_->restart();
}

template <class T>
std::span<const T> LocalOnlineRule<T>::step(std::span<const T> x) noexcept {
  rule_->step(x, state_, y_);
  return y_;
}

template <class T>
void LocalOnlineRule<T>::learn(std::span<const T> dy, T rate) noexcept {
  rule_->add_gradient(dy, gradient_);
  change_weights(gradient_, rate);
}

template <class T>
void LocalOnlineRule<T>::get_collected(std::span<T> gradient) const noexcept {
  std::ranges::copy(collected_, gradient.begin());
}

template <class T>
void LocalOnlineRule<T>::change_weights(AlignedVector<T>& gradient, T rate) noexcept {
  network_.update_weights([&](std::span<T> weights) {
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] -= rate * gradient[k];
  });
  std::ranges::fill(gradient, T(0));
}

template <class T>
std::vector<NamedSpan<T>> LocalOnlineRule<T>::memory() {
  return {{"state", state_}, {"eligibility", rule_->eligibility()}, {"extended", rule_->extended()}};
}

template class LocalOnlineRule<float>;
template class LocalOnlineRule<double>;

}  // namespace carousel
