#include "lab/evolino_sines.h"

#include <fmt/format.h>

#include <cmath>

#include "lab/evolve.h"

namespace carousel::lab {

namespace {

constexpr double kFrequencies[] = {0.2, 0.311, 0.42, 0.51, 0.74};
constexpr std::size_t kWashout = 100, kFit = 400, kEnd = 700, kGenerations = 50;
constexpr double kFeedback = 1e-4;

struct Size {
  std::size_t cells;
  double gate;
};
constexpr Size kSizes[] = {{10, 1e-2}, {10, 5e-2}, {15, 0.11}, {20, 0.166}};  // of 2 to 5 sines

}  // namespace

std::vector<double> superimposed_sines(std::size_t sines, std::size_t steps) {
  std::vector<double> values(steps);
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t k = 0; k < sines; ++k)
      values[t] += std::sin(kFrequencies[k] * static_cast<double>(t + 1));
  return values;
}

Outcome run_evolino_sines(const Context& context, std::uint64_t seed, std::size_t sines) {
  const Size& size = kSizes[sines - 2];
  const std::vector<double> values = superimposed_sines(sines, kEnd);
  const Stretch<double> fit = one_sequence(std::span(values).first(kFit), kWashout),
                        test = one_sequence(values, kFit);
  Network<double> network(fmt::format("lstm {} input_activation=identity, dense 1 bias=off", size.cells), 1);
  set_gate_biases(network, 0, 0);
  const LinearReadoutTask<double> task{network, fit, fit, kFeedback, true};
  const Evolved best = evolve(
      task, {.subpopulations = {.members = 40, .range = 1, .mutation = 1e-3, .seed = seed}, .stagnation = 20},
      kGenerations, context);
  network.set_weights(best.weights);
  const double error = normalised_error(free_run(network, test, kFeedback), test);
  return {error <= size.gate, best.networks, error};
}

const Experiment kEvolinoSines2{
    .name = "evolino_sines_2",
    .what = "goes on with the sum of two sines, free for 300 steps: 10 cells evolve, the readout is solved",
    .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
    .figure = "NMSE",
    .published = "4.15e-3 (mean)",
    .gate = "at most 1e-2, 9 of 10 seeds",
    .seeds = 10,
    .needed = 9,
    .by_sequences = false,
    .run = [](const Context& context, std::uint64_t seed) { return run_evolino_sines(context, seed, 2); }};

const Experiment kEvolinoSines3{
    .name = "evolino_sines_3",
    .what = "the same with three sines",
    .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
    .figure = "NMSE",
    .published = "8.04e-3 (mean)",
    .gate = "at most 5e-2, 9 of 10 seeds",
    .seeds = 10,
    .needed = 9,
    .by_sequences = false,
    .run = [](const Context& context, std::uint64_t seed) { return run_evolino_sines(context, seed, 3); }};

const Experiment kEvolinoSines5{
    .name = "evolino_sines_5",
    .what = "the same with five sines and 20 cells",
    .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
    .figure = "NMSE",
    .published = "0.166 (mean)",
    .gate = "none: an aim, 0.166",
    .seeds = 3,
    .needed = 1,
    .by_sequences = false,
    .run = [](const Context& context, std::uint64_t seed) { return run_evolino_sines(context, seed, 5); }};

}  // namespace carousel::lab
