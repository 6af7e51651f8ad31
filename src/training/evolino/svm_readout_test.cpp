// Evoke: classes of whole sequences by a network that evolves and a support vector machine behind it.
#include "training/evolino/svm_readout.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "training/evolino/evolino.h"
#include "training/learning_run.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Sequences of one feature, 5 to 9 steps: noise, and a first step of 1 or -1, by class.
ClassedSequences<double> first_steps(std::size_t count, std::uint64_t seed) {
  const Random random(seed, 0);
  std::vector<std::size_t> lengths, classes;
  for (std::size_t b = 0; b < count; ++b) lengths.push_back(5 + random.below(b, 5)), classes.push_back(b % 2);
  ClassedSequences<double> result{Sequences<double>(lengths, 1), classes};
  const Random noise(seed, 1);
  for (std::size_t b = 0; b < count; ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t)
      result.inputs.at(b, t)[0] = t == 0 ? (classes[b] == 0 ? 1 : -1) : noise.uniform(9 * b + t, -0.5, 0.5);
  return result;
}

TEST(SvmReadout, TheLossIsTheMeanHingeOfTheSmallestDecision) {
  const Network<double> network("lstm 3", 1, 4);
  const SvmReadoutTask<double> task{network, first_steps(40, 1), first_steps(30, 2), {}};
  SvmReadout<double> readout(task);
  AlignedVector<double> weights(network.weights().begin(), network.weights().end());
  const double loss = readout.solve(weights);
  double sum = 0;
  for (std::size_t b = 0; b < 30; ++b) {
    Tensor<double> state = network.start(1), y({1, 3});
    AlignedVector<double> scratch(network.step_scratch(1));
    for (std::size_t t = 0; t < task.judge.inputs.layout().length(b); ++t)
      network.step({task.judge.inputs.at(b, t).data(), 1, 1}, state.matrix(), y.matrix(), scratch.data());
    const double decision = svm_decisions(readout.model(), y.span())[0];
    const bool first = readout.model().classes[0] == task.judge.classes[b];
    sum += std::max(0.0, 1 - (first ? decision : -decision));
  }
  EXPECT_NEAR(loss, sum / 30, 1e-12);
}

TEST(SvmReadout, EvolinoLearnsToTellWhatWasLongAgo) {
  const Network<double> network("lstm 3", 1);
  const SvmReadoutTask<double> task{network, first_steps(60, 1), first_steps(60, 2), {}};
  ThreadPool pool(2);
  Evolino<double> learner({.weights = {network.weights().begin(), network.weights().end()},
                           .groups = weight_groups(network, WeightGrouping::unit),
                           .make_readout = [&] { return std::make_unique<SvmReadout<double>>(task); },
                           .pool = pool},
                          {.subpopulations = {.members = 8, .range = 2, .mutation = 0.1}});
  LearningRun<double> run(learner, {.epochs = 8});
  run.run();
  AlignedVector<double> best(run.best_weights().begin(), run.best_weights().end());
  SvmReadout<double> readout(task);
  readout.solve(best);
  Network<double> trained("lstm 3", 1);
  trained.set_weights(best);
  const ClassedSequences<double> test = first_steps(200, 3);
  const Tensor<double> x = last_outputs(trained, pool, test.inputs);
  std::size_t wrong = 0;
  for (std::size_t b = 0; b < 200; ++b)
    wrong += svm_class(readout.model(), x.matrix().row_span(b)) != test.classes[b] ? 1 : 0;
  EXPECT_LE(wrong, 10u);
}

TEST(SvmReadout, WhatCannotBeIsRefused) {
  const Network<double> network("lstm 3", 1);
  const auto refused = [&](auto change, const std::string& what) {
    SvmReadoutTask<double> task{network, first_steps(10, 1), first_steps(10, 2), {}};
    change(task);
    EXPECT_THAT([&] { SvmReadout<double>{task}; }, ThrowsMessage<Error>(HasSubstr(what)));
  };
  refused([](auto& t) { t.judge.classes[3] = 2; }, "class 2 is none of those to be learned");
  refused([](auto& t) { t.fit.classes.pop_back(); }, "fit: expected inputs [T, B, 1] and B classes");
  refused([](auto& t) { t.fit.inputs = Sequences<double>(std::vector<std::size_t>(10), 1); },
          "a step to put out");
}

}  // namespace
}  // namespace carousel
