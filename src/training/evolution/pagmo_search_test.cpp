// The searches that pagmo leads: what they find, whom they judge under which round, and that threads and
// stops do not show.
#include "training/evolution/pagmo_search.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "base/random.h"
#include "training/evolution/evolution_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string path() { return evolution_checkpoint(::testing::TempDir()); }

Outcome run(const Function& function, const std::vector<double>& start, const PagmoSearchOptions& options,
            LearningRunOptions leading = {.epochs = 1}, std::size_t threads = 1,
            const Checkpoint<double>* from = nullptr, ProgressSink* sink = nullptr) {
  ThreadPool pool(threads);
  const auto search = make_pagmo_search<double>(evolution_task(function, start, pool), options);
  leading.seed = options.seed;
  return lead(*search, leading, path(), from, sink);
}

double best_of(const Function& function, const std::vector<double>& start, const PagmoSearchOptions& options,
               std::size_t generations, double target) {
  const Outcome found = run(function, start, options, {.epochs = generations, .target_loss = target});
  EXPECT_EQ(found.result.best_validation_loss, function(found.best, 0));
  return found.result.best_validation_loss;
}

const std::vector<std::string> kMethods = {"cma_es", "xnes", "genetic"};

PagmoSearchOptions some_options(const std::string& method) {
  PagmoSearchOptions options;
  options.method = method;
  options.members = 12;
  return options;
}

/// Axes of lengths 1 to 1000, turned by a fixed reflection.
double ellipsoid(std::span<const double> w, std::uint64_t) {
  const std::size_t n = w.size();
  double along = 0, squares = 0, sum = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double v = static_cast<double>(j + 1);
    along += v * w[j], squares += v * v;
  }
  for (std::size_t j = 0; j < n; ++j) {
    const double turned = w[j] - 2 * along / squares * static_cast<double>(j + 1);
    sum += std::pow(1e6, static_cast<double>(j) / static_cast<double>(n - 1)) * turned * turned;
  }
  return sum;
}

/// For each weight a wide valley at -1, 0.2 above the narrow one at 2 (deceptive: nearly everywhere downhill
/// is away from it).
double deceptive(std::span<const double> w, std::uint64_t) {
  double sum = 0;
  for (const double x : w) sum += std::min(0.2 + 0.05 * (x + 1) * (x + 1), 4 * (x - 2) * (x - 2));
  return sum;
}

TEST(PagmoSearch, CmaEsFollowsARavineOfTenDimensions) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    PagmoSearchOptions options;
    options.seed = seed;
    EXPECT_LE(best_of(rosenbrock, std::vector<double>(10, 0), options, 1000, 1e-8), 1e-8);
  }
}

TEST(PagmoSearch, CmaEsAndXnesFindTheBottomOfBowlsHoweverTheyAreTurned) {
  for (const std::string method : {"cma_es", "xnes"}) {
    PagmoSearchOptions options;
    options.method = method;
    EXPECT_LE(best_of(sphere, std::vector<double>(10, -2), options, 2000, 1e-10), 1e-10);
    EXPECT_LE(best_of(ellipsoid, std::vector<double>(6, 1), options, 1200, 1e-10), 1e-10);
  }
}

TEST(PagmoSearch, TheGeneticAlgorithmFindsTheBottomOfABowlAndIsNotDeceived) {
  PagmoSearchOptions options;
  options.method = "genetic";
  options.members = 100;
  options.bound = 5;
  options.deviation = 2;
  options.genetic.mutation_deviation = 0.1;
  EXPECT_LE(best_of(sphere, std::vector<double>(10, -2), options, 400, 0.01), 0.01);
  options.genetic.mutation = "uniform";
  EXPECT_LE(best_of(deceptive, std::vector<double>(10, -1), options, 400, 0.1), 0.1);
}

TEST(PagmoSearch, TheFirstGenerationLiesAroundTheStart) {
  for (const std::string& method : kMethods) {
    PagmoSearchOptions options = some_options(method);
    options.members = 2000;
    options.deviation = 0.5;
    std::vector<std::vector<double>> members;
    const Function noted = [&](std::span<const double> w, std::uint64_t round) {
      if (round == 1) members.emplace_back(w.begin(), w.end());
      return sphere(w, round);
    };
    run(noted, {3, -4}, options);
    ASSERT_EQ(members.size(), 2000u);
    EXPECT_THAT(members[0], ::testing::ElementsAre(3, -4));
    double sums[2] = {}, squares[2] = {}, products = 0;
    for (const auto& m : members) {
      const double e[2] = {(m[0] - 3) / 0.5, (m[1] + 4) / 0.5};
      for (int j = 0; j < 2; ++j) sums[j] += e[j], squares[j] += e[j] * e[j];
      products += e[0] * e[1];
    }
    for (int j = 0; j < 2; ++j) {
      EXPECT_NEAR(sums[j] / 2000, 0, 4 / std::sqrt(2000));
      EXPECT_NEAR(squares[j] / 2000, 1, 6 / std::sqrt(2000));
    }
    EXPECT_NEAR(products / 2000, 0, 4 / std::sqrt(2000));
  }
}

TEST(PagmoSearch, AGenerationIsJudgedUnderOneRoundAndItsBestUnderRoundZero) {
  for (const std::string& method : kMethods)
    for (const bool one_round : {false, true}) {
      PagmoSearchOptions options = some_options(method);
      options.one_round = one_round;
      std::map<std::uint64_t, std::size_t> judged;
      const Function counted = [&](std::span<const double> w, std::uint64_t round) {
        ++judged[round];
        return sphere(w, round);
      };
      run(counted, {3, -4}, options, {.epochs = 3});
      const std::size_t again = method == "genetic" ? 2 : 1;
      const std::map<std::uint64_t, std::size_t> rounds = {{0, 3}, {1, 12}, {2, 12 * again}, {3, 12 * again}};
      const std::map<std::uint64_t, std::size_t> round = {{0, 3}, {1, 36}};
      EXPECT_EQ(judged, one_round ? round : rounds) << method;
    }
}

// Each round has its bottom elsewhere, and a member that was good is not good for ever.
TEST(PagmoSearch, ParentsAreJudgedUnderTheRoundOfTheirChildren) {
  PagmoSearchOptions options = some_options("genetic");
  options.members = 40;
  const Function moving = [](std::span<const double> w, std::uint64_t round) {
    return std::abs(w[0] - static_cast<double>(round == 0 ? 30 : round) / 10);
  };
  EXPECT_NEAR(run(moving, {0}, options, {.epochs = 30}).weights[0], 3, 0.3);
}

TEST(PagmoSearch, NoMemberLeavesTheBox) {
  for (const std::string& method : kMethods) {
    PagmoSearchOptions options = some_options(method);
    options.bound = 1.5;
    options.deviation = 1.5;
    double farthest = 0;
    const Function downhill = [&](std::span<const double> w, std::uint64_t) {
      for (std::size_t j = 0; j < 2; ++j) farthest = std::max(farthest, std::abs(w[j] - (j == 0 ? 3 : -4)));
      return w[0] + w[1];
    };
    const Outcome found = run(downhill, {3, -4}, options, {.epochs = 60});
    EXPECT_LE(farthest, 1.5);
    EXPECT_NEAR(found.best[0], 1.5, 0.01) << method;
    EXPECT_NEAR(found.best[1], -5.5, 0.01) << method;
  }
}

TEST(PagmoSearch, OnlyTheOrderOfLossesCounts) {
  for (const std::string& method : kMethods) {
    const auto steep = [](std::span<const double> w, std::uint64_t r) { return std::exp(sphere(w, r)) - 7; };
    const std::vector<double> start = {0.5, -1, 2};
    EXPECT_EQ(run(sphere, start, some_options(method), {.epochs = 20}).weights,
              run(steep, start, some_options(method), {.epochs = 20}).weights);
  }
}

double noisy(std::span<const double> w, std::uint64_t round) {
  return sphere(w, round) + 0.1 * Random(3, round).uniform(0);
}

TEST(PagmoSearch, ThreadsDoNotShow) {
  for (const std::string& method : kMethods) {
    const std::vector<double> start(30, 0.3);
    const Outcome expected = run(noisy, start, some_options(method), {.epochs = 12});
    for (const std::size_t threads : {2, 3, 7}) {
      const Outcome found = run(noisy, start, some_options(method), {.epochs = 12}, threads);
      EXPECT_EQ(found.weights, expected.weights);
      EXPECT_EQ(found.best, expected.best);
      EXPECT_EQ(found.result.history[11].loss, expected.result.history[11].loss);
    }
    PagmoSearchOptions other = some_options(method);
    other.seed = 1;
    EXPECT_NE(run(noisy, start, other, {.epochs = 12}).weights, expected.weights);
  }
}

TEST(PagmoSearch, AResumedRunIsTheOneNeverStopped) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Function holed = [&](std::span<const double> w, std::uint64_t r) {
    return w[0] < 0.9 ? noisy(w, r) : nan;
  };
  for (const std::string& method : kMethods)
    for (const std::size_t stop_after : {1, 2, 9}) {
      const PagmoSearchOptions options = some_options(method);
      const std::vector<double> start = {0.5, -3, 2};
      const LearningRunOptions leading = {.epochs = 20};
      const Outcome whole = run(holed, start, options, leading);
      StopAfter stop(stop_after);
      run(holed, start, options, leading, 1, nullptr, &stop);
      const auto from = load_checkpoint<double>(path());
      ASSERT_EQ(from.epoch, stop_after);
      std::size_t judged = 0;
      const Function counted = [&](std::span<const double> w, std::uint64_t r) {
        judged += r > 0;
        return holed(w, r);
      };
      const Outcome resumed = run(counted, start, options, leading, 1, &from);
      EXPECT_EQ(judged, (20 - stop_after) * 12 * (method == "genetic" ? 2 : 1));
      EXPECT_EQ(std::memcmp(resumed.weights.data(), whole.weights.data(), 3 * sizeof(double)), 0) << method;
      EXPECT_EQ(std::memcmp(resumed.best.data(), whole.best.data(), 3 * sizeof(double)), 0) << method;
      ASSERT_EQ(resumed.result.history.size(), 20u);
      EXPECT_EQ(resumed.result.history[19].loss, whole.result.history[19].loss);
      EXPECT_EQ(resumed.result.history[19].validation_loss, whole.result.history[19].validation_loss);
    }
}

TEST(PagmoSearch, ACheckpointThatIsNotOfThisSearchIsRefused) {
  for (const std::string& method : kMethods) {
    PagmoSearchOptions options = some_options(method);
    const std::vector<double> start = {0.5, -3, 2};
    run(sphere, start, options, {.epochs = 4});
    const auto kept = load_checkpoint<double>(path());
    const auto refusal = [&](auto change, const std::string& what) {
      Checkpoint<double> changed = kept;
      PagmoSearchOptions others = options;
      change(changed, others);
      EXPECT_THAT([&] { run(sphere, start, others, {.epochs = 6}, 1, &changed); },
                  ThrowsMessage<ModelError>(HasSubstr(what)));
    };
    refusal([](auto& c, auto&) { c.series.clear(); }, "'losses'");
    refusal([](auto& c, auto&) { c.series["losses"].pop_back(); }, "'losses'");
    refusal([](auto& c, auto&) { c.vectors["weights"][1] += 1; }, "do not lead to its weights");
    refusal([](auto& c, auto&) { std::ranges::reverse(c.series["losses"]); }, "do not lead to its weights");
    refusal([](auto&, auto& o) { o.deviation = 0.4; }, "do not lead to its weights");
    refusal([](auto&, auto& o) { o.members = 10; }, "'losses'");
  }
}

TEST(PagmoSearch, WhatHasNoLossIsTheWorst) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& method : kMethods) {
    const auto half = [&](std::span<const double> w, std::uint64_t) { return w[0] < 1 ? nan : w[0]; };
    const Outcome found = run(half, {1.5}, some_options(method), {.epochs = 40});
    EXPECT_GE(found.best[0], 1);
    EXPECT_LT(found.best[0], 1.1);
    EXPECT_THAT([&] { run([&](auto, auto) { return nan; }, {1}, some_options(method)); },
                ThrowsMessage<TrainingError>(HasSubstr("epoch 1, every member has no loss")));
  }
}

TEST(PagmoSearch, EqualLossesAreNoEnd) {
  for (const std::string& method : kMethods)
    EXPECT_EQ(run([](auto, auto) { return 4.0; }, {1, 2}, some_options(method), {.epochs = 30})
                  .result.history.size(),
              30u);
}

TEST(PagmoSearch, EveryWayToBreedFindsTheBottom) {
  for (const std::string selection : {"tournament", "truncated"})
    for (const std::string crossover : {"exponential", "binomial", "single", "sbx"})
      for (const std::string mutation : {"gaussian", "uniform", "polynomial"}) {
        PagmoSearchOptions options = some_options("genetic");
        options.members = 60;
        options.bound = 4;
        options.genetic.selection = selection;
        options.genetic.selected = 5;
        options.genetic.crossover = crossover;
        options.genetic.mutation = mutation;
        options.genetic.mutation_deviation = 0.2;
        options.genetic.mutation_index = 20;
        EXPECT_LE(best_of(sphere, {-1, 0, 3}, options, 150, 0.05), 0.05)
            << selection << ' ' << crossover << ' ' << mutation;
      }
}

TEST(PagmoSearch, OptionsOutOfRangeAreNamed) {
  const auto refusal = [](const std::string& method, auto change, const std::string& what,
                          std::size_t weights = 2) {
    PagmoSearchOptions options = some_options(method);
    change(options);
    EXPECT_THAT([&] { run(sphere, std::vector<double>(weights, 0), options); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  const auto nothing = [](auto&) {};
  refusal("cma", nothing, "method: found 'cma', expected one of cma_es, xnes, genetic");
  refusal(
      "cma_es", [](auto& o) { o.members = 4; }, "members: found 4, expected from 5");
  refusal(
      "xnes", [](auto& o) { o.members = 3; }, "members: found 3, expected from 4");
  refusal(
      "genetic", [](auto& o) { o.members = 1; }, "members: found 1, expected from 2");
  refusal(
      "xnes", [](auto& o) { o.deviation = 0; }, "deviation: found 0, expected above 0, to 10");
  refusal(
      "cma_es", [](auto& o) { o.deviation = 11; }, "deviation: found 11");
  refusal(
      "cma_es", [](auto& o) { o.bound = std::nan(""); }, "bound: found nan");
  refusal("cma_es", nothing, "found 1001 weights, expected at most 1000 for cma_es", 1001);
  refusal("xnes", nothing, "found no weights", 0);
  refusal(
      "genetic", [](auto& o) { o.members = 1 << 20; }, "expected at most 134217", 1000);
  refusal(
      "genetic", [](auto& o) { o.genetic.selection = "roulette"; }, "selection: found 'roulette'");
  refusal(
      "genetic", [](auto& o) { o.genetic.selected = 13; }, "selected: found 13, expected from 1 to 12");
  refusal(
      "genetic", [](auto& o) { o.genetic.crossover = ""; }, "crossover: found ''");
  refusal(
      "genetic", [](auto& o) { o.genetic.crossover_probability = 2; }, "crossover_probability: found 2");
  refusal(
      "genetic", [](auto& o) { o.genetic.crossover_index = 0; }, "crossover_index: found 0");
  refusal(
      "genetic", [](auto& o) { o.genetic.mutation = "none"; }, "mutation: found 'none'");
  refusal(
      "genetic", [](auto& o) { o.genetic.mutation_probability = -1; }, "mutation_probability: found -1");
  refusal(
      "genetic", [](auto& o) { o.genetic.mutation_deviation = 21; }, "mutation_deviation: found 21");
  refusal(
      "genetic", [](auto& o) { o.genetic.mutation_index = 101; }, "mutation_index: found 101");
  refusal(
      "genetic", [](auto& o) { o.members = 7, o.genetic.crossover = "sbx"; },
      "members: found 7, expected an even");
}

}  // namespace
}  // namespace carousel
