#include "lab/evolve.h"

#include <algorithm>
#include <memory>

#include "training/learning_run.h"

namespace carousel::lab {

namespace {

struct GoOn final : ProgressSink {
  explicit GoOn(const Context& told) : context(told) {}
  void on_epoch(const ProgressRecord& record) override { fraction = record.fraction; }
  bool should_stop() override { return !context.go_on(fraction); }
  const Context& context;
  double fraction = 0;
};

}  // namespace

Evolved lead(Evolino<double>& learner, std::size_t generations, double target_loss, const Context& context) {
  GoOn sink(context);
  LearningRun<double> run(learner, {.epochs = generations, .target_loss = target_loss}, {.sink = &sink});
  const TrainingResult result = run.run();
  return {{run.best_weights().begin(), run.best_weights().end()}, result.history.size() * learner.networks()};
}

Evolved evolve(const LinearReadoutTask<double>& task, const EvolinoOptions& options, std::size_t generations,
               const Context& context) {
  ThreadPool pool;
  Evolino<double> learner({.weights = {task.network.weights().begin(), task.network.weights().end()},
                           .groups = evolved_groups(task.network),
                           .make_readout = [&] { return std::make_unique<LinearReadout<double>>(task); },
                           .pool = pool},
                          options);
  return lead(learner, generations, 0, context);
}

Stretch<double> one_sequence(std::span<const double> values, std::size_t washout) {
  Stretch<double> result{Sequences<double>({values.size()}, 0), Sequences<double>({values.size()}, 1),
                         washout};
  std::ranges::copy(values, result.targets.values().begin());
  return result;
}

void set_gate_biases(Network<double>& network, double input, double forget) {
  network.update_weights([&](std::span<double> weights) {
    std::ranges::fill(weights, 0.0);
    for (const Parameter& parameter : network.parameters().all()) {
      if (parameter.name != "layers.0.b") continue;
      const std::size_t H = parameter.shape.size() / 4;  // [4H], the gates i, f, g, o
      std::ranges::fill(weights.subspan(parameter.offset, H), input);
      std::ranges::fill(weights.subspan(parameter.offset + H, H), forget);
    }
  });
}

}  // namespace carousel::lab
