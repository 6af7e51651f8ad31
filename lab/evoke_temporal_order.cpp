#include "lab/evoke_temporal_order.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "base/random.h"
#include "lab/evolve.h"

namespace carousel::lab {

namespace {

enum Symbol : std::size_t { kX = 4, kY = 5, kFirst = 6, kLast = 7, kSymbols = 8 };  // a, b, c, d are 0 ... 3
constexpr std::size_t kShortest = 100, kLengths = 11, kFirstPlace = 9, kSecondPlace = 49, kPlaces = 11;
constexpr std::size_t kCells = 8, kFit = 200, kTests = 2560, kWrong = 3, kGenerations = 100;
constexpr double kTarget = 1e-3;  // of the mean hinge loss: margins are wide then

/// Random numbers of a sequence: which one is what.
enum Draw : std::uint64_t { kLength, kFirstMark, kSecondMark, kWhereFirst, kWhereSecond, kDistractors };

void write(const Random& random, std::size_t order, std::size_t length, std::size_t b,
           Sequences<double>& inputs) {
  const std::size_t first = kFirstPlace + random.below(kWhereFirst, kPlaces),
                    second = kSecondPlace + random.below(kWhereSecond, kPlaces);
  for (std::size_t t = 0; t < length; ++t) {
    std::size_t symbol = random.below(kDistractors + t, 4);
    if (t == 0) symbol = kFirst;
    if (t == first) symbol = kX + order / 2;
    if (t == second) symbol = kX + order % 2;
    if (t + 1 == length) symbol = kLast;
    inputs.at(b, t)[symbol] = 1;
  }
}

}  // namespace

ClassedSequences<double> temporal_orders(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> lengths, classes;
  for (std::size_t b = 0; b < count; ++b) {
    const Random random(seed, b);
    lengths.push_back(kShortest + random.below(kLength, kLengths));
    classes.push_back(2 * random.below(kFirstMark, 2) + random.below(kSecondMark, 2));
  }
  ClassedSequences<double> result{Sequences<double>(lengths, kSymbols), classes};
  for (std::size_t b = 0; b < count; ++b) write(Random(seed, b), classes[b], lengths[b], b, result.inputs);
  return result;
}

namespace {

Outcome run_evoke_temporal_order(const Context& context, std::uint64_t seed) {
  Network<double> network(fmt::format("lstm {}", kCells), kSymbols);
  set_gate_biases(network, -1, 5);  // to begin with, what is seen stays
  const SvmReadoutTask<double> task{
      network, temporal_orders(kFit, 3 * seed), temporal_orders(kFit, 3 * seed + 1), {}};
  ThreadPool pool;
  Evolino<double> learner({.weights = {network.weights().begin(), network.weights().end()},
                           .groups = weight_groups(network, WeightGrouping::unit),
                           .make_readout = [&] { return std::make_unique<SvmReadout<double>>(task); },
                           .pool = pool},
                          {.subpopulations = {.members = 20, .range = 2, .mutation = 0.1, .seed = seed}});
  Evolved best = lead(learner, kGenerations, kTarget, context);
  SvmReadout<double> readout(task);
  readout.solve(best.weights);
  network.set_weights(best.weights);
  const ClassedSequences<double> test = temporal_orders(kTests, 3 * seed + 2);
  const Tensor<double> features = last_outputs(network, pool, test.inputs);
  std::size_t wrong = 0;
  for (std::size_t b = 0; b < kTests; ++b)
    wrong += svm_class(readout.model(), features.matrix().row_span(b)) != test.classes[b] ? 1 : 0;
  return {wrong <= kWrong, best.networks, static_cast<double>(wrong)};
}

}  // namespace

const Experiment kEvokeTemporalOrder{
    .name = "evoke_temporal_order",
    .what =
        "tells in which order two marks stood in a sequence of 100 to 110: hidden units evolve, a "
        "support vector machine reads them out",
    .source = "Schmidhuber, Gagliolo, Wierstra & Gomez, ESANN 2006",
    .figure = "wrong of 2,560",
    .published = "no figure",
    .gate = "at most 3 wrong, 2 of 3 seeds",
    .seeds = 3,
    .needed = 2,
    .run = run_evoke_temporal_order};

}  // namespace carousel::lab
