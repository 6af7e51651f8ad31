#include "lab/lag_task.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "training/online/truncated_rule.h"

namespace carousel::lab {

namespace {

// Of random numbers: above them one for each sequence.
constexpr std::uint64_t kTraining = std::uint64_t{1} << 40, kTests = std::uint64_t{2} << 40;
constexpr std::size_t kTold = 256;  // sequences from one word to the context to the next

/// Sums over the last sequences.
class Recent {
 public:
  explicit Recent(std::size_t sequences) : errors_(sequences), wrong_(sequences) {}
  void add(double error, bool wrong) {
    const std::size_t at = count_++ % errors_.size();
    wrongs_ += wrong ? 1 : 0;
    wrongs_ -= wrong_[at];
    errors_[at] = error, wrong_[at] = wrong ? 1 : 0;
  }
  std::size_t wrongs() const { return wrongs_; }
  bool full() const { return count_ >= errors_.size(); }
  double mean_error() const {
    double sum = 0;
    for (const double error : errors_) sum += error;
    return sum / static_cast<double>(errors_.size());
  }

 private:
  std::vector<double> errors_;
  std::vector<std::size_t> wrong_;
  std::size_t count_ = 0, wrongs_ = 0;
};

/// A network, and what goes in and should come out.
class LagRun {
 public:
  LagRun(LagTask& task, const Network<double>& network)
      : task_(task), rule_(network), x_(task.inputs()), target_(task.outputs()), error_(task.outputs()) {}

  /// Runs one sequence. The errors of its outputs: y - target.
  std::span<const double> run(const Random& random) {
    const std::size_t steps = task_.draw(random);
    std::ranges::fill(x_, 0.0);
    rule_.restart();
    std::span<const double> y;
    for (std::size_t t = 0; t < steps; ++t) {
      task_.input(t, x_);
      y = rule_.step(x_);
    }
    task_.target(target_);
    for (std::size_t k = 0; k < error_.size(); ++k) error_[k] = y[k] - target_[k];
    return error_;
  }
  void learn(double rate) { rule_.learn(error_, rate); }

 private:
  LagTask& task_;
  TruncatedRule<double> rule_;
  std::vector<double> x_, target_, error_;
};

double largest(std::span<const double> errors) {
  double most = 0;
  for (const double error : errors) most = std::max(most, std::abs(error));
  return most;
}

}  // namespace

LagOutcome run_lag_task(LagTask& task, const LagSettings& settings, const Context& context,
                        std::uint64_t seed) {
  const kernels::StandardFloatMode mode;
  Network<double> network(settings.spec, task.inputs());
  set_first_weights(network, settings.first, seed);
  LagRun run(task, network);
  Recent recent(settings.recent);
  LagOutcome outcome;
  while (outcome.sequences < settings.most_sequences && !outcome.stopped) {
    const std::span<const double> errors = run.run({seed, kTraining | outcome.sequences});
    ++outcome.sequences;
    double mean = 0;
    for (const double error : errors) mean += std::abs(error) / static_cast<double>(errors.size());
    recent.add(mean, !(largest(errors) < settings.tolerance));
    run.learn(settings.learning_rate);
    outcome.stopped = recent.full() && recent.wrongs() <= settings.wrong_allowed &&
                      recent.mean_error() < settings.error_allowed;
    if (outcome.sequences % kTold == 0 &&
        !context.go_on(static_cast<double>(outcome.sequences) / static_cast<double>(settings.most_sequences)))
      break;
  }
  for (std::size_t test = 0; test < settings.tests; ++test) {
    const std::span<const double> errors = run.run({seed, kTests | test});
    outcome.wrong += largest(errors) < settings.tolerance ? 0 : 1;
    for (const double error : errors)
      outcome.mean_square += error * error / static_cast<double>(errors.size() * settings.tests);
  }
  return outcome;
}

}  // namespace carousel::lab
