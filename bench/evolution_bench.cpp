// How judging the members of a generation scales with threads: generations of an evolution strategy on 1 and
// on 2 threads by turns, the same ones to the bit.
//
//   evolution_bench [ROUNDS [GENERATIONS]]
//
// 64 members and the strategy's own weights, an rnn 4 that has learned to balance two poles for 1,000 steps.
// Printed are medians: milliseconds a generation on each number of threads, by the clock, and the ratio of
// neighbouring turns. On a machine with other work these tell what is left of it. Beside them, by processor
// time: what 2 threads take together over what 1 takes, and the share of it that is spent on judging. From
// these,
//
//   bound = 1 / (ratio of processor times x (1 - share / 2))
//
// is how much faster 2 threads are where each has a processor for itself, as if all but judging were done by
// one; but for the wait for a generation's last member, a 33rd of its time at most.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <vector>

#include "base/median.h"
#include "tasks/environments/double_pole.h"
#include "tasks/episode_objective.h"
#include "training/evolution/evolution_strategy.h"

namespace carousel {
namespace {

constexpr const char* kSpec = "rnn 4, dense 1 tanh";

double clock_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}
/// Of all threads of this process, or of the calling one.
double processor_ms(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Adds up the processor time of judging, by all threads.
class Timed final : public Objective<float> {
 public:
  Timed(const MakeEnvironment& make, double& judging_ms) : objective_(kSpec, make, 1), total_(judging_ms) {}
  ~Timed() override { total_ += own_; }
  double loss(std::span<const float> weights, std::uint64_t round) override {
    const double begin = processor_ms(CLOCK_THREAD_CPUTIME_ID);
    const double loss = objective_.loss(weights, round);
    own_ += processor_ms(CLOCK_THREAD_CPUTIME_ID) - begin;
    return loss;
  }

 private:
  EpisodeObjective objective_;
  double own_ = 0;
  double& total_;
};

struct Turn {
  double clock = 0, processor = 0, judging = 0;  // milliseconds
  AlignedVector<float> weights;
};

/// So many generations, or fewer where the strategy's weights balance the poles.
Turn turn(const AlignedVector<float>& weights, std::size_t threads, std::size_t generations,
          bool until_balanced) {
  Turn out;
  const MakeEnvironment make = [] { return std::make_unique<DoublePole>(); };
  ThreadPool pool(threads);
  EvolutionStrategyOptions options;
  options.deviation = 0.2;
  options.schedule.learning_rate = 0.1;
  EvolutionStrategy<float> strategy(
      {.weights = weights,
       .make_objective = [&] { return std::make_unique<Timed>(make, out.judging); },
       .pool = pool},
      options);
  const double clock = clock_ms(), processor = processor_ms(CLOCK_PROCESS_CPUTIME_ID);
  for (std::size_t g = 0; g < generations; ++g) {
    strategy.step({.epoch = g, .update = g});
    if (until_balanced && strategy.validate() <= -1000) break;
  }
  out.clock = clock_ms() - clock;
  out.processor = processor_ms(CLOCK_PROCESS_CPUTIME_ID) - processor;
  out.weights.assign(strategy.weights().begin(), strategy.weights().end());
  return out;
}

int run(std::size_t rounds, std::size_t generations) {
  const Network<float> network(kSpec, 3);
  const AlignedVector<float> start =
      turn({network.weights().begin(), network.weights().end()}, 1, 500, true).weights;
  std::vector<double> one, two, faster, dearer, share;
  for (std::size_t r = 0; r < rounds; ++r) {
    const Turn a = turn(start, 1, generations, false), b = turn(start, 2, generations, false);
    if (a.weights != b.weights) {
      fmt::print(stderr, "evolution_bench: 2 threads lead to other weights than 1\n");
      return 1;
    }
    one.push_back(a.clock / static_cast<double>(generations));
    two.push_back(b.clock / static_cast<double>(generations));
    faster.push_back(a.clock / b.clock);
    dearer.push_back(b.processor / a.processor);
    share.push_back(a.judging / a.processor);
  }
  const double bound = 1 / (median(dearer) * (1 - median(share) / 2));
  fmt::print("a generation: {:.2f} ms on 1 thread, {:.2f} ms on 2; {:.2f} times as fast\n", median(one),
             median(two), median(faster));
  fmt::print("processor time: 2 threads take {:.3f} of 1's, {:.1f} % of it for judging; bound {:.2f}\n",
             median(dearer), 100 * median(share), bound);
  return 0;
}

}  // namespace
}  // namespace carousel

int main(int count, char** words) try {
  const auto number = [&](int i, std::size_t otherwise) {
    return count > i ? std::strtoul(words[i], nullptr, 10) : otherwise;
  };
  return carousel::run(number(1, 21), number(2, 20));
} catch (const std::exception& error) {
  std::fprintf(stderr, "evolution_bench: %s\n", error.what());
  return 2;
}
