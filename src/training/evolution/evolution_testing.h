// What searches are tested on.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "carousel/progress.h"
#include "training/evolution/judges.h"
#include "training/learning_run.h"

namespace carousel {

using Function = std::function<double(std::span<const double> weights, std::uint64_t round)>;

class Formula final : public Objective<double> {
 public:
  explicit Formula(Function function) : function_(std::move(function)) {}
  double loss(std::span<const double> weights, std::uint64_t round) override {
    return function_(weights, round);
  }

 private:
  Function function_;
};

inline double sphere(std::span<const double> w, std::uint64_t) {
  double sum = 0;
  for (const double x : w) sum += (x - 1) * (x - 1);
  return sum;
}

inline double rosenbrock(std::span<const double> w, std::uint64_t) {
  double sum = 0;
  for (std::size_t j = 0; j + 1 < w.size(); ++j) {
    const double bend = w[j + 1] - w[j] * w[j];
    sum += 100 * bend * bend + (1 - w[j]) * (1 - w[j]);
  }
  return sum;
}

/// Stops a run after so many generations.
struct StopAfter final : ProgressSink {
  explicit StopAfter(std::size_t generations) : left(generations) {}
  bool should_stop() override { return --left == 0; }
  std::size_t left;
};

inline EvolutionTask<double> evolution_task(const Function& function, const std::vector<double>& start,
                                            ThreadPool& pool) {
  return {.weights = {start.begin(), start.end()},
          .make_objective = [=] { return std::make_unique<Formula>(function); },
          .pool = pool};
}

struct Outcome {
  TrainingResult result;
  std::vector<double> weights;  // the last ones, told by the checkpoint
  std::vector<double> best;
};

inline std::string evolution_checkpoint(const std::string& folder) {
  return folder + "/evolution_" + std::to_string(::getpid());
}

/// Everything a run leaves behind.
inline Outcome lead(Learner<double>& learner, LearningRunOptions leading, const std::string& checkpoint,
                    const Checkpoint<double>* from = nullptr, ProgressSink* sink = nullptr) {
  leading.checkpoint_path = checkpoint;
  LearningRun<double> leader(learner, leading, {.sink = sink});
  if (from != nullptr) leader.resume(*from);
  Outcome out{leader.run(), {}, {}};
  const auto kept = load_checkpoint<double>(checkpoint).vectors.at("weights");
  out.weights.assign(kept.begin(), kept.end());
  out.best.assign(leader.best_weights().begin(), leader.best_weights().end());
  return out;
}

}  // namespace carousel
