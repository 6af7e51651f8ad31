#include "training/evolution/evolution_strategy.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "kernels/normal.h"
#include "training/update_rule.h"

namespace carousel {

namespace {

constexpr std::size_t kMostMembers = std::size_t{1} << 20;
constexpr std::uint64_t kMostGenerations = std::uint64_t{1} << 36;
constexpr std::uint64_t kStream = std::uint64_t{0xE5} << 56;  // of random numbers, for those of a strategy
constexpr std::size_t kBlock = 1024;                          // weights whose gradient is summed together

void check(const EvolutionStrategyOptions& o) {
  if (o.members < 2 || o.members > kMostMembers || o.members % 2 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected an even number from 2 to {}", o.members, kMostMembers));
  if (o.generations < 1 || o.generations >= kMostGenerations)
    throw SettingError(fmt::format("generations: found {}, expected from 1 to 2^36 - 1", o.generations));
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
struct EvolutionStrategy<T>::Run {
  EvolutionTask<T> task;
  EvolutionStrategyOptions options;
  std::unique_ptr<Optimizer<T>> optimizer;
  std::unique_ptr<Schedule> schedule;
  std::vector<std::unique_ptr<Objective<T>>> objectives;  // one a thread
  std::vector<AlignedVector<T>> members;                  // one a thread

  AlignedVector<T> gradient, best_weights;
  std::size_t generation = 0;  // done
  std::size_t best = 0;        // generation; 0: none
  double best_loss = std::numeric_limits<double>::infinity();
  bool best_is_new = false;
  double seconds_before = 0;
  std::vector<ProgressRecord> history;
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now(), last_save = start;

  Run(EvolutionTask<T> what, const EvolutionStrategyOptions& how)
      : task(std::move(what)),
        options(how),
        optimizer(make_optimizer<T>(how.optimizer, task.weights.size())),
        schedule(make_schedule(how.schedule)),
        gradient(task.weights.size()),
        best_weights(task.weights) {
    check(how);
    for (std::size_t i = 0; i < task.pool.threads(); ++i) {
      objectives.push_back(task.make_objective());
      members.emplace_back(task.weights.size());
    }
  }

  std::string method() const { return "evolution_strategy " + options.optimizer.name; }
  double seconds() const {
    return seconds_before + std::chrono::duration<double>(Clock::now() - start).count();
  }

  /// Losses of all members, and behind them that of w. Who is free takes the next.
  std::vector<double> judge() {
    std::vector<double> losses(options.members + 1);
    std::atomic<std::size_t> next = 0;
    task.pool.run(std::min(objectives.size(), losses.size()), [&](std::size_t thread) {
      for (std::size_t i = next++; i < losses.size(); i = next++) losses[i] = judge(i, thread);
    });
    return losses;
  }
  double judge(std::size_t member, std::size_t thread) {
    const std::span<const T> w(task.weights);
    if (member == options.members) return objectives[thread]->loss(w, 0);
    evolution_member<T>(w, options, generation, member, members[thread]);
    return objectives[thread]->loss(members[thread], generation + 1);
  }

  void estimate_gradient(const std::vector<double>& u) {
    const std::size_t blocks = (gradient.size() + kBlock - 1) / kBlock;
    task.pool.run(blocks, [&](std::size_t block) {
      const std::size_t begin = block * kBlock, n = std::min(kBlock, gradient.size() - begin);
      T noise[kBlock];
      double sums[kBlock] = {};
      for (std::size_t p = 0; p < options.members / 2; ++p) {
        const double difference = u[2 * p] - u[2 * p + 1];
        if (difference == 0) continue;
        kernels::fill_normal(noise_of(options, generation, p), begin, noise, n);
        for (std::size_t j = 0; j < n; ++j) sums[j] += difference * static_cast<double>(noise[j]);
      }
      const double scale = 1 / (static_cast<double>(options.members) * options.deviation);
      for (std::size_t j = 0; j < n; ++j)
        gradient[begin + j] = static_cast<T>(
            scale * sums[j] + options.weight_decay * static_cast<double>(task.weights[begin + j]));
    });
  }

  /// One generation; what is told of it.
  ProgressRecord step() {
    std::vector<double> losses = judge();
    const double centre = losses.back();
    losses.pop_back();
    if (std::isnan(centre) || std::ranges::all_of(losses, [](double l) { return std::isnan(l); }))
      throw TrainingError(fmt::format(
          "generation {}: {} has no loss that is a number; try a smaller deviation or learning rate",
          generation + 1, std::isnan(centre) ? "the strategy's own weights" : "every member"));
    ProgressRecord record = place();
    record.best = centre < best_loss;
    if (record.best) {
      best_loss = centre, best = generation + 1, best_is_new = true;
      best_weights = task.weights;
    }
    estimate_gradient(shaped(losses));
    optimizer->step(task.weights, gradient, record.learning_rate);
    record.loss = std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
    record.validation_loss = centre;
    double squares = 0;
    for (const T g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
    record.gradient_norm = std::sqrt(squares);
    schedule->epoch_done(centre);
    ++generation;
    return record;
  }
  /// Where the run stands before a generation.
  ProgressRecord place() const {
    ProgressRecord record;
    record.epoch = generation + 1, record.epochs = options.generations;
    record.batch = record.batches = 1;
    record.update = generation + 1;
    const auto all = static_cast<double>(options.generations);
    record.learning_rate = schedule->rate({generation, generation, static_cast<double>(generation) / all});
    record.fraction = static_cast<double>(generation + 1) / all;
    return record;
  }

  StopReason train() {
    while (generation < options.generations) {
      const double began = seconds();
      ProgressRecord record = step();
      record.seconds = seconds();
      record.sequences_per_second =
          static_cast<double>(options.members) / std::max(record.seconds - began, 1e-9);
      history.push_back(record);
      if (task.sink != nullptr) task.sink->on_batch(record), task.sink->on_epoch(record);
      if (record.validation_loss <= options.target_loss) return StopReason::finished;
      if (options.time_limit_seconds > 0 && seconds() >= options.time_limit_seconds) return StopReason::time;
      if (task.sink != nullptr && task.sink->should_stop()) return StopReason::interrupted;
      if (std::chrono::duration<double>(Clock::now() - last_save).count() >= options.checkpoint_seconds)
        save();
    }
    return StopReason::finished;
  }

  Checkpoint<T> checkpoint() {
    Checkpoint<T> c;
    c.method = method();
    c.seed = options.seed;
    c.epoch = c.update = generation;
    c.vectors["weights"] = task.weights;
    c.vectors["best_weights"] = best_weights;
    put_update_rule(c, *optimizer, *schedule);
    c.numbers["best"] = static_cast<double>(best);
    c.numbers["best_loss"] = best_loss;
    c.numbers["seconds"] = seconds();
    c.history = history;
    return c;
  }
  void restore(const Checkpoint<T>& c) {
    if (c.method != method() || c.seed != options.seed)
      throw ModelError(
          fmt::format("the checkpoint was written by '{}' with seed {}, this run is '{}' with {}", c.method,
                      c.seed, method(), options.seed));
    const std::size_t size = task.weights.size();
    // All is judged before anything changes.
    const AlignedVector<T>&weights = c.vector("weights", size), &before = c.vector("best_weights", size);
    const std::size_t best_before = c.count("best");
    const double loss = c.number("best_loss"), time = c.number("seconds");
    if (c.history.size() != c.epoch || best_before > c.epoch)
      throw ModelError(fmt::format("the checkpoint contradicts itself: {} generations done, {} recorded",
                                   c.epoch, c.history.size()));
    take_update_rule(c, *optimizer, *schedule);
    task.weights = weights, best_weights = before;
    generation = c.epoch, best = best_before, best_loss = loss, best_is_new = best > 0;
    seconds_before = time;
    history = c.history;
  }
  void save() {
    if (best_is_new && task.on_best) task.on_best(best_weights, history.at(best - 1));
    best_is_new = false;
    last_save = Clock::now();
    if (options.checkpoint_path.empty()) return;
    save_checkpoint(checkpoint(), options.checkpoint_path);
    if (task.sink != nullptr) task.sink->on_checkpoint(options.checkpoint_path);
  }
};

template <class T>
EvolutionStrategy<T>::EvolutionStrategy(EvolutionTask<T> task, const EvolutionStrategyOptions& options)
    : run_(std::make_unique<Run>(std::move(task), options)) {}

template <class T>
EvolutionStrategy<T>::~EvolutionStrategy() = default;

template <class T>
void EvolutionStrategy<T>::resume(const Checkpoint<T>& checkpoint) {
  run_->restore(checkpoint);
}

template <class T>
TrainingResult EvolutionStrategy<T>::run() {
  const StopReason stopped = run_->train();
  run_->save();
  return {stopped, run_->best, run_->best_loss, run_->history};
}

template <class T>
std::span<const T> EvolutionStrategy<T>::best_weights() const noexcept {
  return run_->best_weights;
}

template void evolution_member(std::span<const float>, const EvolutionStrategyOptions&, std::size_t,
                               std::size_t, std::span<float>);
template void evolution_member(std::span<const double>, const EvolutionStrategyOptions&, std::size_t,
                               std::size_t, std::span<double>);
template class EvolutionStrategy<float>;
template class EvolutionStrategy<double>;

}  // namespace carousel
