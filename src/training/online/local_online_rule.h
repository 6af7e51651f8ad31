// The local rule of lstm_g (layers/local_rule.h; Monner & Reggia, Neural Networks 25, 2012) as a way to learn
// online.
#pragma once

#include <memory>

#include "base/aligned.h"
#include "layers/local_rule.h"
#include "model/network.h"
#include "training/online/online_rule.h"

namespace carousel {

template <class T>
class LocalOnlineRule final : public OnlineRule<T> {
 public:
  /// With the network's spec and the weights that it has; it need not outlive the rule. Throws SettingError
  /// unless the network is one lstm_g that begins at zero.
  explicit LocalOnlineRule(const Network<T>& network);

  std::size_t inputs() const noexcept override { return network_.inputs(); }
  std::size_t outputs() const noexcept override { return y_.size(); }
  void get_weights(std::span<T> weights) const noexcept override;
  void set_weights(std::span<const T> weights) noexcept override { network_.set_weights(weights); }
  void restart() noexcept override;
  std::span<const T> step(std::span<const T> x) noexcept override;
  void learn(std::span<const T> dy, T rate) noexcept override;
  void collect(std::span<const T> dy) noexcept override { rule_->add_gradient(dy, collected_); }
  void learn_collected(T rate) noexcept override { change_weights(collected_, rate); }
  void get_collected(std::span<T> gradient) const noexcept override;
  std::vector<NamedSpan<T>> memory() override;

 private:
  /// Leaves the gradient 0.
  void change_weights(AlignedVector<T>& gradient, T rate) noexcept;

  Network<T> network_;
  std::unique_ptr<LocalRule<T>> rule_;
  AlignedVector<T> state_, y_, gradient_, collected_;
};

}  // namespace carousel
