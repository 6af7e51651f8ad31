// How many steps of an environment a second recurrent policy gradients make, learning included.
//
//   policy_gradient_bench [rounds]
//
// lstm 64 in t_maze 50: a round is 10 rollouts of 128 steps in 16 rows with their updates; in PPO these are 4
// passes in 4 minibatches. Algorithms and numbers of threads take turns; printed are medians by the clock and
// by processor time. On a machine with other work, what one thread makes in a second of processor time is
// what it would make alone.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/median.h"
#include "kernels/target.h"
#include "tasks/environments/environments.h"
#include "training/policy_gradient/policy_gradient.h"

namespace carousel {
namespace {

constexpr std::size_t kRollouts = 10;

/// A network that learns, and how fast it was in each round.
class Runner {
 public:
  Runner(const std::string& algorithm, std::size_t threads) : pool_(threads) {
    PolicyGradientOptions options;
    options.algorithm = algorithm;
    steps_ = static_cast<double>(kRollouts * options.rows * options.steps);
    learner_ = std::make_unique<PolicyGradient<float>>(
        PolicyGradientTask<float>{network_, [] { return make_environment("t_maze 50"); }, pool_}, options);
  }

  void run() {
    const auto clock = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    for (std::size_t i = 0; i < kRollouts; ++i) learner_->step({0, 0, update_++, 0});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - clock;
    by_clock_.push_back(steps_ / seconds.count());
    by_processor_.push_back(steps_ * CLOCKS_PER_SEC / static_cast<double>(std::clock() - processor));
  }
  void print(const std::string& name) const {
    fmt::print("{:<22} {:>12.0f} {:>12.0f}\n", name, median(by_clock_), median(by_processor_));
  }

 private:
  ThreadPool pool_;
  Network<float> network_{"lstm 64, dense 5", 3, 1};
  std::unique_ptr<PolicyGradient<float>> learner_;
  double steps_ = 0;
  std::size_t update_ = 0;
  std::vector<double> by_clock_, by_processor_;
};

void run(std::size_t rounds) {
  std::vector<std::pair<std::string, std::unique_ptr<Runner>>> runners;
  for (const std::string algorithm : {"a2c", "ppo"})
    for (const std::size_t threads : {1, 2})
      runners.emplace_back(fmt::format("{}, {} thread{}", algorithm, threads, threads == 1 ? "" : "s"),
                           std::make_unique<Runner>(algorithm, threads));
  for (std::size_t round = 0; round < rounds; ++round)
    for (const auto& [name, runner] : runners) runner->run();
  fmt::print("kernels: {}; steps of an environment in a second\n{:<22} {:>12} {:>12}\n",
             kernels::target_name(), "", "by the clock", "of processor");
  for (const auto& [name, runner] : runners) runner->print(name);
}

}  // namespace
}  // namespace carousel

int main(int count, char** words) {
  carousel::run(count > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(words[1]))) : 5);
  return 0;
}
