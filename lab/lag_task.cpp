#include "lab/lag_task.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "lab/whole_sequences.h"
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

/// Runs the sequence that a task drew last, and learns from it.
class LagLearner {
 public:
  virtual ~LagLearner() = default;
  /// Outputs of its last step.
  virtual std::span<const double> run(const LagTask& task, std::size_t steps) = 0;
  /// error: of those outputs.
  virtual void learn(std::span<const double> error, double rate) = 0;
  /// Before the tests.
  virtual void finish() {}
};

class TruncatedLearner final : public LagLearner {
 public:
  explicit TruncatedLearner(const Network<double>& network) : rule_(network), x_(network.inputs()) {}
  std::span<const double> run(const LagTask& task, std::size_t steps) override {
    std::ranges::fill(x_, 0.0);
    rule_.restart();
    std::span<const double> y;
    for (std::size_t t = 0; t < steps; ++t) {
      task.input(t, x_);
      y = rule_.step(x_);
    }
    return y;
  }
  void learn(std::span<const double> error, double rate) override { rule_.learn(error, rate); }

 private:
  TruncatedRule<double> rule_;
  std::vector<double> x_;
};

class WholeLearner final : public LagLearner {
 public:
  explicit WholeLearner(Network<double>& network)
      : learning_(network), inputs_(network.inputs()), outputs_(network.outputs()) {}
  std::span<const double> run(const LagTask& task, std::size_t steps) override {
    Sequences<double> x({steps}, inputs_);
    for (std::size_t t = 0; t < steps; ++t) {
      if (t > 0) std::ranges::copy(x.at(0, t - 1), x.at(0, t).begin());
      task.input(t, x.at(0, t));
    }
    return learning_.run(x).at(0, steps - 1);
  }
  void learn(std::span<const double> error, double rate) override {
    Sequences<double> dy({learning_.steps()}, outputs_);
    std::ranges::copy(error, dy.at(0, learning_.steps() - 1).begin());
    learning_.learn(dy, rate);
  }
  void finish() override { learning_.take_mean(); }

 private:
  WholeSequences learning_;
  std::size_t inputs_, outputs_;
};

/// What goes in and should come out.
class LagRun {
 public:
  LagRun(LagTask& task, Network<double>& network, LagRule rule)
      : task_(task), target_(task.outputs()), error_(task.outputs()) {
    if (rule == LagRule::truncated)
      learner_ = std::make_unique<TruncatedLearner>(network);
    else
      learner_ = std::make_unique<WholeLearner>(network);
  }

  /// Runs one sequence. The errors of its outputs: y - target.
  std::span<const double> run(const Random& random) {
    const std::size_t steps = task_.draw(random);
    const std::span<const double> y = learner_->run(task_, steps);
    task_.target(target_);
    for (std::size_t k = 0; k < error_.size(); ++k) error_[k] = y[k] - target_[k];
    return error_;
  }
  void learn(double rate) { learner_->learn(error_, rate); }
  void finish() { learner_->finish(); }

 private:
  LagTask& task_;
  std::unique_ptr<LagLearner> learner_;
  std::vector<double> target_, error_;
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
  LagRun run(task, network, settings.rule);
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
  run.finish();
  for (std::size_t test = 0; test < settings.tests; ++test) {
    const std::span<const double> errors = run.run({seed, kTests | test});
    outcome.wrong += largest(errors) < settings.tolerance ? 0 : 1;
    for (const double error : errors)
      outcome.mean_square += error * error / static_cast<double>(errors.size() * settings.tests);
  }
  return outcome;
}

}  // namespace carousel::lab
