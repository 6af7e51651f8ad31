#include "training/policy_gradient/policy_loss.h"

#include <algorithm>
#include <utility>

#include "kernels/activations.h"
#include "training/policy_gradient/advantages.h"

namespace carousel {

template <class T>
void judge_rollout(const Rollout<T>& rollout, const Policy<T>& policy, double discount, double lambda,
                   Judgement<T>& out) {
  const std::size_t n = rollout.steps(), outputs = policy.outputs();
  const View<const T> y(rollout.y.data(), n, outputs + 1);
  ActLikelihood<T> likelihood;
  policy.judge(y.columns(0, outputs), {rollout.acts.data(), n, policy.numbers()}, likelihood);
  out.log_probabilities = std::move(likelihood.log_probabilities);
  std::vector<double> values(n), advantages(n);
  for (std::size_t t = 0; t < n; ++t) values[t] = static_cast<double>(y(t, outputs));
  estimate_advantages({rollout.rewards, values, rollout.over, rollout.next_value}, discount, lambda,
                      advantages);
  out.advantages.resize(n);
  out.returns.resize(n);
  for (std::size_t t = 0; t < n; ++t) {
    out.advantages[t] = static_cast<T>(advantages[t]);
    out.returns[t] = static_cast<T>(advantages[t] + values[t]);
  }
}

/// Fills stretches_.
template <class T>
LayoutPointer PolicyBatch<T>::cut(const std::vector<Rollout<T>>& rollouts,
                                  std::span<const std::size_t> chosen) {
  stretches_.clear();
  std::vector<std::size_t> lengths;
  for (const std::size_t row : chosen) {
    const Rollout<T>& rollout = rollouts[row];
    for (std::size_t begin = 0, t = 0; t < rollout.steps(); ++t) {
      if (rollout.over[t] == 0 && t + 1 < rollout.steps()) continue;
      stretches_.push_back({row, begin, begin > 0 || rollout.begins});
      lengths.push_back(t + 1 - begin);
      begin = t + 1;
    }
  }
  return std::make_shared<SequenceLayout>(std::move(lengths));
}

template <class T>
void PolicyBatch<T>::assemble(const Network<T>& network, const std::vector<Rollout<T>>& rollouts,
                              const std::vector<Judgement<T>>& judgements,
                              std::span<const std::size_t> chosen) {
  const LayoutPointer layout = cut(rollouts, chosen);
  const std::size_t F = network.inputs(), n = layout->rows();
  const std::size_t numbers = rollouts[0].acts.size() / rollouts[0].steps();
  x_.reshape(layout, F);
  state_.resize({stretches_.size(), network.state_size()});
  network.start(state_.matrix());
  acts_.resize({n, numbers});
  judgement_.log_probabilities.resize(n);
  judgement_.advantages.resize(n);
  judgement_.returns.resize(n);
  for (std::size_t s = 0; s < stretches_.size(); ++s) {
    const auto [row, begin, begins] = stretches_[s];
    const Rollout<T>& rollout = rollouts[row];
    const Judgement<T>& judgement = judgements[row];
    if (!begins) std::ranges::copy(rollout.state, state_.matrix().row(s));
    for (std::size_t t = 0; t < layout->length(s); ++t) {
      const std::size_t from = begin + t, to = layout->row(s, t);
      std::copy_n(rollout.x.data() + from * F, F, x_.matrix().row(to));
      std::copy_n(rollout.acts.data() + from * numbers, numbers, acts_.matrix().row(to));
      judgement_.log_probabilities[to] = judgement.log_probabilities[from];
      judgement_.advantages[to] = judgement.advantages[from];
      judgement_.returns[to] = judgement.returns[from];
    }
  }
}

template <class T>
double PolicyLoss<T>::gradient(const Pass& pass, const PolicyBatch<T>& batch,
                               const PolicyLossOptions& options, double divisor, std::span<T> gradient) {
  state_.resize(batch.state_.shape());
  std::ranges::copy(batch.state_.span(), state_.data());
  network_.forward(pass, batch.x_, state_.matrix(), y_, *trace_);
  const double loss = evaluate(batch, options, static_cast<T>(1 / divisor));
  dstate_.resize(state_.shape());
  dstate_.fill(T(0));
  std::ranges::fill(gradient, T(0));
  network_.backward(pass, batch.x_, y_, dy_, dstate_.matrix(), nullptr, gradient, *trace_);
  // States that were carried on are no function of the weights here.
  for (std::size_t s = 0; s < batch.stretches_.size(); ++s)
    if (!batch.stretches_[s].begins) std::ranges::fill(dstate_.matrix().row_span(s), T(0));
  network_.start_gradient(std::as_const(dstate_).matrix(), gradient);
  return loss / divisor;
}

template <class T>
double PolicyLoss<T>::evaluate(const PolicyBatch<T>& batch, const PolicyLossOptions& options, T scale) {
  const std::size_t n = y_.rows(), outputs = policy_.outputs();
  const T value_weight = static_cast<T>(options.value_weight),
          entropy_weight = static_cast<T>(options.entropy_weight), clip = static_cast<T>(options.clip);
  policy_.judge(std::as_const(y_).matrix().columns(0, outputs), batch.acts_.matrix(), likelihood_);
  dy_.reshape(y_.layout_pointer(), y_.features());
  std::vector<T> ratios(n);
  for (std::size_t i = 0; i < n; ++i)
    ratios[i] = likelihood_.log_probabilities[i] - batch.judgement_.log_probabilities[i];
  kernels::exp(ratios.data(), ratios.data(), n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const T advantage = batch.judgement_.advantages[i];
    T loss = -advantage * likelihood_.log_probabilities[i], slope = -advantage;  // on log p
    if (clip > 0) {
      const T cut = std::clamp(ratios[i], 1 - clip, 1 + clip);
      loss = -std::min(ratios[i] * advantage, cut * advantage);
      slope = cut * advantage < ratios[i] * advantage ? T(0) : -advantage * ratios[i];
    }
    const T error = y_.matrix()(i, outputs) - batch.judgement_.returns[i];
    sum +=
        static_cast<double>(loss + value_weight * error * error - entropy_weight * likelihood_.entropies[i]);
    T* const dy = dy_.matrix().row(i);
    const T* const dlog = likelihood_.dlog_probability.matrix().row(i);
    const T* const dentropy = likelihood_.dentropy.matrix().row(i);
    for (std::size_t k = 0; k < outputs; ++k)
      dy[k] = scale * (slope * dlog[k] - entropy_weight * dentropy[k]);
    dy[outputs] = scale * 2 * value_weight * error;
  }
  return sum;
}

template void judge_rollout(const Rollout<float>&, const Policy<float>&, double, double, Judgement<float>&);
template void judge_rollout(const Rollout<double>&, const Policy<double>&, double, double,
                            Judgement<double>&);
template class PolicyBatch<float>;
template class PolicyBatch<double>;
template class PolicyLoss<float>;
template class PolicyLoss<double>;

}  // namespace carousel
