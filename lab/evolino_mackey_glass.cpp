#include "lab/evolino_mackey_glass.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "lab/evolve.h"
#include "lab/mackey_glass.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kTransient = 1000, kFit = 3000, kWashout = 100, kHorizon = 84;
constexpr std::size_t kWarm = 200, kTestWarm = 1000, kTests = 100, kGenerations = 200;
constexpr double kGate = 0.05, kFeedback = 0.3;

using Series = std::vector<double>;

/// Series of one length side by side, around 0.
Stretch<double> side_by_side(const std::vector<Series>& series, std::size_t washout) {
  const std::vector<std::size_t> lengths(series.size(), series.front().size());
  Stretch<double> result{Sequences<double>(lengths, 0), Sequences<double>(lengths, 1), washout};
  for (std::size_t b = 0; b < series.size(); ++b)
    for (std::size_t t = 0; t < series[b].size(); ++t) result.targets.at(b, t)[0] = series[b][t] - 1;
  return result;
}

/// Every 84 steps of a series, and what comes before.
Stretch<double> judged(const Series& series) {
  std::vector<Series> parts;
  for (auto begin = series.begin(); series.end() - begin >= std::ptrdiff_t{kWarm + kHorizon};
       begin += kHorizon)
    parts.emplace_back(begin, begin + kWarm + kHorizon);
  return side_by_side(parts, kWarm);
}

Stretch<double> tests() {
  std::vector<Series> series;
  for (std::size_t b = 0; b < kTests; ++b)
    series.push_back(
        mackey_glass({.before = 0.5 + static_cast<double>(b) / kTests}, kTransient, kTestWarm + kHorizon));
  return side_by_side(series, kTestWarm);
}

double variance(const Series& series) {
  double sum = 0, squares = 0;
  for (const double x : series) sum += x;
  const double n = static_cast<double>(series.size());
  for (const double x : series) squares += (x - sum / n) * (x - sum / n);
  return squares / n;
}

Outcome run_evolino_mackey_glass(const Context& context, std::uint64_t seed) {
  const Series series = mackey_glass({}, kTransient, kFit);
  Network<double> network("lstm 30 input_activation=identity, dense 1", 1);
  set_gate_biases(network, 0, 1);
  const LinearReadoutTask<double> task{network, side_by_side({series}, kWashout), judged(series), kFeedback,
                                       true};
  const Evolved best = evolve(
      task,
      {.subpopulations = {.members = 40, .range = 0.3, .mutation = 1e-2, .seed = seed}, .stagnation = 20},
      kGenerations, context);
  network.set_weights(best.weights);
  const Stretch<double> test = tests();
  const Sequences<double> y = free_run(network, test, kFeedback);
  double squares = 0;
  for (std::size_t b = 0; b < kTests; ++b) {
    const double miss =
        y.at(b, kTestWarm + kHorizon - 1)[0] - test.targets.at(b, kTestWarm + kHorizon - 1)[0];
    squares += miss * miss / kTests;
  }
  const double figure = std::sqrt(squares / variance(series));
  return {figure <= kGate, best.networks, figure};
}

}  // namespace

const Experiment kEvolinoMackeyGlass{
    .name = "evolino_mackey_glass",
    .what = "goes on with the Mackey-Glass series, free for 84 steps: 30 cells evolve, the readout is solved",
    .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
    .figure = "NRMSE after 84 steps",
    .published = "1.9e-3",
    .gate = "at most 0.05, 9 of 10 seeds",
    .seeds = 10,
    .needed = 9,
    .by_sequences = false,
    .run = run_evolino_mackey_glass};

}  // namespace carousel::lab
