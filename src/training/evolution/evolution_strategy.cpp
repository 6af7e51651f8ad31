#include "training/evolution/evolution_strategy.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "kernels/normal.h"
#include "training/update_rule.h"

namespace carousel {

namespace {

constexpr std::size_t kMostMembers = std::size_t{1} << 20;
constexpr std::uint64_t kStream = std::uint64_t{0xE5} << 56;  // of random numbers, for those of a strategy
constexpr std::size_t kBlock = 128;                           // weights whose gradient is summed together

void check(const EvolutionStrategyOptions& o) {
  if (o.members < 2 || o.members > kMostMembers || o.members % 2 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected an even number from 2 to {}", o.members, kMostMembers));
  if (!(o.deviation > 0) || !std::isfinite(o.deviation))
    throw SettingError(fmt::format("deviation: found {}, expected a number above 0", o.deviation));
  if (!(o.weight_decay >= 0) || !std::isfinite(o.weight_decay))
    throw SettingError(fmt::format("weight_decay: found {}, expected at least 0", o.weight_decay));
}

Random noise_of(const EvolutionStrategyOptions& options, std::size_t generation, std::size_t pair) {
  return {options.seed, kStream | static_cast<std::uint64_t>(generation) << 20 | pair};
}

/// Centred ranks; equal losses share their mean rank, NaN is the worst.
std::vector<double> shaped(const std::vector<double>& losses) {
  const std::size_t n = losses.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto value = [&](std::size_t i) {
    return std::isnan(losses[i]) ? std::numeric_limits<double>::infinity() : losses[i];
  };
  std::ranges::stable_sort(order, {}, value);
  std::vector<double> u(n);
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin + 1;
    while (end < n && value(order[end]) == value(order[begin])) ++end;
    const double rank = static_cast<double>(begin + end - 1) / 2;
    for (; begin < end; ++begin) u[order[begin]] = rank / static_cast<double>(n - 1) - 0.5;
  }
  return u;
}

}  // namespace

template <class T>
void evolution_member(std::span<const T> weights, const EvolutionStrategyOptions& options,
                      std::size_t generation, std::size_t member, std::span<T> out) {
  kernels::fill_normal(noise_of(options, generation, member / 2), 0, out.data(), out.size());
  const T deviation = static_cast<T>(member % 2 == 0 ? options.deviation : -options.deviation);
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = weights[j] + deviation * out[j];
}

template <class T>
EvolutionStrategy<T>::EvolutionStrategy(EvolutionTask<T> task, const EvolutionStrategyOptions& options)
    : task_(std::move(task)),
      options_(options),
      optimizer_(make_optimizer<T>(options.optimizer, task_.weights.size())),
      schedule_(make_schedule(options.schedule)),
      judges_(task_),
      gradient_(task_.weights.size()),
      judged_(task_.weights) {
  check(options);
}

/// Losses of all members, and behind them that of w.
template <class T>
std::vector<double> EvolutionStrategy<T>::judge(std::size_t generation) {
  return judges_.losses(options_.members + 1, [&](std::size_t i, std::span<T> out) -> std::uint64_t {
    const std::span<const T> w(task_.weights);
    if (i == options_.members) {
      std::ranges::copy(w, out.begin());
      return 0;
    }
    evolution_member<T>(w, options_, generation, i, out);
    return generation + 1;
  });
}

template <class T>
void EvolutionStrategy<T>::estimate_gradient(std::size_t generation, const std::vector<double>& ranks) {
  const std::size_t blocks = (gradient_.size() + kBlock - 1) / kBlock;
  task_.pool.run(blocks, [&](std::size_t block) {
    const std::size_t begin = block * kBlock, n = std::min(kBlock, gradient_.size() - begin);
    T noise[kBlock];
    double sums[kBlock] = {};
    for (std::size_t p = 0; p < options_.members / 2; ++p) {
      const double difference = ranks[2 * p] - ranks[2 * p + 1];
      if (difference == 0) continue;
      kernels::fill_normal(noise_of(options_, generation, p), begin, noise, n);
      for (std::size_t j = 0; j < n; ++j) sums[j] += difference * static_cast<double>(noise[j]);
    }
    const double scale = 1 / (static_cast<double>(options_.members) * options_.deviation);
    for (std::size_t j = 0; j < n; ++j)
      gradient_[begin + j] = static_cast<T>(
          scale * sums[j] + options_.weight_decay * static_cast<double>(task_.weights[begin + j]));
  });
}

template <class T>
LearningStep EvolutionStrategy<T>::step(const LearningPlace& place) {
  std::vector<double> losses = judge(place.epoch);
  centre_ = losses.back();
  losses.pop_back();
  if (std::isnan(centre_) || std::ranges::all_of(losses, [](double l) { return std::isnan(l); }))
    throw TrainingError(
        fmt::format("{} has no loss that is a number; try a smaller deviation or learning rate",
                    std::isnan(centre_) ? "the strategy's own weights" : "every member"));
  judged_ = task_.weights;
  estimate_gradient(place.epoch, shaped(losses));
  LearningStep came;
  came.learning_rate = schedule_->rate({place.epoch, place.update, place.fraction});
  optimizer_->step(task_.weights, gradient_, came.learning_rate);
  came.sequences = losses.size();
  for (const double loss : losses)
    if (!std::isnan(loss)) came.loss += loss, ++came.count;
  double squares = 0;
  for (const T g : gradient_) squares += static_cast<double>(g) * static_cast<double>(g);
  came.gradient_norm = std::sqrt(squares);
  return came;
}

template <class T>
void EvolutionStrategy<T>::put(Checkpoint<T>& checkpoint) {
  checkpoint.vectors["weights"] = task_.weights;
  put_update_rule(checkpoint, *optimizer_, *schedule_);
}

template <class T>
void EvolutionStrategy<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& weights = checkpoint.vector("weights", task_.weights.size());
  take_update_rule(checkpoint, *optimizer_, *schedule_);
  task_.weights = weights;
}

template void evolution_member(std::span<const float>, const EvolutionStrategyOptions&, std::size_t,
                               std::size_t, std::span<float>);
template void evolution_member(std::span<const double>, const EvolutionStrategyOptions&, std::size_t,
                               std::size_t, std::span<double>);
template class EvolutionStrategy<float>;
template class EvolutionStrategy<double>;

}  // namespace carousel
