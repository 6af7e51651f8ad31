#include "layers/local_rule.h"

#include <algorithm>

namespace carousel {

namespace {

/// The links that lead to a group.
std::span<const Link> links_to(const Circuit& circuit, const Group& group) {
  return std::span(circuit.links()).subspan(group.link_begin, group.link_end - group.link_begin);
}

bool same_gater(const Link& a, const Link& b) noexcept { return a.gaters > 0 && a.gater == b.gater; }

}  // namespace

template <class T>
LocalRule<T>::LocalRule(const LstmG<T>& layer)
    : layer_(layer),
      circuit_(layer.circuit()),
      eligibility_(circuit_.weights(), T(0)),
      before_(circuit_.width(), T(0)),
      now_(circuit_.width(), T(0)),
      slope_(circuit_.units(), T(0)),
      carried_(circuit_.units(), T(0)),
      influence_(circuit_.units(), T(0)),
      projected_(circuit_.width(), T(0)),
      gated_(circuit_.units(), T(0)),
      gated_with_past_(circuit_.units(), T(0)),
      error_(circuit_.units(), T(0)) {
  for (const Group& gated : circuit_.groups()) {
    if (!keeps_state(gated)) continue;
    const std::span<const Link> links = links_to(circuit_, gated);
    for (std::size_t l = 0; l < links.size(); ++l) {
      const auto same = [&](const Link& other) { return same_gater(other, links[l]); };
      if (links[l].gater_now && std::ranges::none_of(links.first(l), same)) add_extension(gated, links[l]);
    }
  }
}

template <class T>
bool LocalRule<T>::keeps_state(const Group& group) const noexcept {
  return std::ranges::any_of(links_to(circuit_, group), &Link::self);
}

template <class T>
void LocalRule<T>::add_extension(const Group& gated, const Link& gate) {
  const auto gating = std::ranges::find_if(
      circuit_.groups(), [&](const Group& g) { return circuit_.y() + g.first == gate.gater; });
  extensions_.push_back({&*gating, &gated, &gate, extended_.size()});
  std::size_t learned = 0;
  for (const Link& link : links_to(circuit_, *gating))
    if (link.learned) learned += link.fan_in;
  extended_.resize(checked_add(extended_.size(), checked_multiply(gated.units, learned, "traces"), "traces"));
}

template <class T>
void LocalRule<T>::restart() noexcept {
  std::ranges::fill(eligibility_, T(0));
  std::ranges::fill(extended_, T(0));
}

template <class T>
void LocalRule<T>::step(std::span<const T> x, std::span<T> state, std::span<T> y) noexcept {
  layer_.put_state(state.data(), before_.data());
  std::ranges::copy(x, now_.begin() + static_cast<std::ptrdiff_t>(circuit_.x()));
  layer_.advance(before_.data(), now_.data());
  layer_.take_state(now_.data(), state.data());
  layer_.take_outputs(now_.data(), y.data());
  std::ranges::fill(slope_, T(1));
  std::ranges::fill(carried_, T(0));
  for (const Group& group : circuit_.groups()) {
    kernels::activation_gradient(group.activation, now_.data() + circuit_.y() + group.first,
                                 slope_.data() + group.first, group.units);
    for (const Link& link : links_to(circuit_, group))
      for (std::size_t k = 0; link.self && k < link.n; ++k)
        carried_[link.to + k] = values(link).gain(k) * values(link).weight(k, 0);
    for (const Link& link : links_to(circuit_, group))
      for (std::size_t k = 0; link.learned && k < link.n; ++k)
        for (std::size_t i = 0; i < link.fan_in; ++i) {
          T& trace = eligibility_[link.weights + k * link.fan_in + i];
          trace = carried_[link.to + k] * trace + values(link).gain(k) * values(link).source(k, i);
        }
  }
  for (const Extended& extended : extensions_) follow_extended(extended);
}

template <class T>
void LocalRule<T>::follow_extended(const Extended& extended) noexcept {
  const Group& gated = *extended.gated;
  std::fill_n(influence_.begin(), gated.units, T(0));
  for (const Link& link : links_to(circuit_, gated))
    for (std::size_t k = 0; same_gater(link, *extended.gate) && k < link.n; ++k)
      influence_[k] += values(link).sum(k);
  T* trace = extended_.data() + extended.begin;
  for (const Link& link : links_to(circuit_, *extended.gating)) {
    if (!link.learned) continue;
    for (std::size_t k = 0; k < gated.units; ++k) {
      const std::size_t j = extended.gate->gater_of(k) - extended.gate->gater;
      const T* const eligibility = eligibility_.data() + link.weights + j * link.fan_in;
      const T change = slope_[link.to + j] * influence_[k];
      for (std::size_t i = 0; i < link.fan_in; ++i, ++trace)
        *trace = carried_[gated.first + k] * *trace + change * eligibility[i];
    }
  }
}

template <class T>
void LocalRule<T>::add_gradient(std::span<const T> dy, std::span<T> gradient) noexcept {
  for (AlignedVector<T>* errors : {&projected_, &gated_, &gated_with_past_}) std::ranges::fill(*errors, T(0));
  const T* from = dy.data();
  for (const Group& group : circuit_.outputs())
    for (std::size_t k = 0; k < group.units; ++k) projected_[circuit_.y() + group.first + k] += *from++;
  for (std::size_t g = circuit_.groups().size(); g-- > 0;) {
    const Group& group = circuit_.groups()[g];
    spread_error(group);
    for (const Link& link : links_to(circuit_, group))
      for (std::size_t k = 0; link.learned && k < link.n; ++k) {
        const std::size_t j = link.to + k;
        const T error = slope_[j] * (projected_[circuit_.y() + j] + gated_[j]);
        for (std::size_t at = k * link.fan_in; at < (k + 1) * link.fan_in; ++at)
          gradient[link.parameter + at] += error * eligibility_[link.weights + at];
      }
  }
  for (const Extended& extended : extensions_) add_extended(extended, gradient);
}

template <class T>
void LocalRule<T>::spread_error(const Group& group) noexcept {
  for (std::size_t j = group.first; j < group.first + group.units; ++j)
    error_[j] = slope_[j] * (projected_[circuit_.y() + j] + gated_[j] + gated_with_past_[j]);
  T* const gated = (keeps_state(group) ? gated_with_past_ : gated_).data();
  for (const Link& link : links_to(circuit_, group))
    for (std::size_t k = 0; k < link.n; ++k) {
      const T error = error_[link.to + k];
      if (link.now) values(link).add_back(k, error * values(link).gain(k), projected_.data());
      if (link.gater_now) gated[link.gater_of(k) - circuit_.y()] += error * values(link).sum(k);
    }
}

template <class T>
void LocalRule<T>::add_extended(const Extended& extended, std::span<T> gradient) const noexcept {
  const T* trace = extended_.data() + extended.begin;
  for (const Link& link : links_to(circuit_, *extended.gating)) {
    if (!link.learned) continue;
    for (std::size_t k = 0; k < extended.gated->units; ++k) {
      const std::size_t j = extended.gate->gater_of(k) - extended.gate->gater;
      const T error = error_[extended.gated->first + k];
      for (std::size_t i = 0; i < link.fan_in; ++i)
        gradient[link.parameter + j * link.fan_in + i] += error * *trace++;
    }
  }
}

template class LocalRule<float>;
template class LocalRule<double>;

}  // namespace carousel
