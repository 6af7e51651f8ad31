// Running an experiment over seeds, keeping what came of it, and the page about it.
#include "lab/laboratory.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "base/file.h"
#include "lab/page.h"

namespace carousel::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::atomic<int> runs = 0;

/// Seed s needs 100 (s + 1) sequences; the third fails.
Outcome count(const Context& context, std::uint64_t seed) {
  ++runs;
  for (const double fraction : {0.25, 0.5, 0.75})
    if (!context.go_on(fraction)) return {};
  return {.met = seed != 2, .sequences = 100 * (seed + 1), .figure = static_cast<double>(seed) / 8};
}

Experiment counting() {
  return {.name = "counting",
          .what = "counts",
          .source = "nobody",
          .figure = "eighths",
          .published = "300 sequences",
          .gate = "3 of 4",
          .seeds = 4,
          .needed = 3,
          .run = count};
}

TEST(Laboratory, RunsAsManySeedsAsTheGateSpeaksOfOnAnyThreads) {
  for (const std::size_t threads : {1, 3}) {
    ThreadPool pool(threads);
    const Result result = run_experiment(counting(), {}, pool, nullptr);
    ASSERT_EQ(result.seeds.size(), 4u);
    for (std::size_t s = 0; s < 4; ++s) {
      EXPECT_EQ(result.seeds[s].seed, s);
      EXPECT_EQ(result.seeds[s].outcome.sequences, 100 * (s + 1));
    }
    EXPECT_EQ(result.met(), 3u);
    EXPECT_TRUE(gate_held(counting(), result));
    EXPECT_EQ(summary_of(counting(), result).best, 100);
    EXPECT_EQ(summary_of(counting(), result).median, 200);  // of 100, 200 and 400
  }
}

TEST(Laboratory, AFigureIsTheMedianOfAllSeedsTooOfThoseThatFailed) {
  Experiment by_figure = counting();
  by_figure.by_sequences = false;
  Result result;
  for (const double figure : {3.0, std::nan(""), 1.0, 4.0, 2.0})
    result.seeds.push_back({.outcome = {.met = figure == 1.0, .figure = figure}});
  result.seeds.push_back({.outcome = {}, .complete = false});  // its 0 is not the best
  EXPECT_EQ(summary_of(by_figure, result).median, 3);
  EXPECT_EQ(summary_of(by_figure, result).best, 1);
}

TEST(Laboratory, TheGateAsksForAShareOfTheSeeds) {
  ThreadPool pool(1);
  const Result three = run_experiment(counting(), {.seeds = 3}, pool, nullptr);
  EXPECT_FALSE(gate_held(counting(), three));  // 2 of 3 are less than 3 of 4
  EXPECT_FALSE(gate_held(counting(), Result()));
}

TEST(Laboratory, KnownSeedsAreNotRunAgain) {
  ThreadPool pool(1);
  const Result first = run_experiment(counting(), {.seeds = 2}, pool, nullptr);
  runs = 0;
  const Result all = run_experiment(counting(), {.known = first.seeds}, pool, nullptr);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(all.seeds.size(), 4u);
}

struct StopAtOnce final : LabSink {
  bool should_stop() override { return true; }
};

TEST(Laboratory, WhatIsStoppedIsNotComplete) {
  ThreadPool pool(1);
  StopAtOnce stop;
  EXPECT_TRUE(run_experiment(counting(), {}, pool, &stop).seeds.empty());
  const Result cut = run_experiment(counting(), {.budget_seconds = 1e-9}, pool, nullptr);
  for (const SeedResult& seed : cut.seeds) EXPECT_FALSE(seed.complete);
}

TEST(Laboratory, AnErrorOfAnExperimentIsThatOfTheRun) {
  Experiment broken = counting();
  broken.run = [](const Context&, std::uint64_t) -> Outcome { throw DataError("no such corpus"); };
  ThreadPool pool(2);
  EXPECT_THAT([&] { run_experiment(broken, {}, pool, nullptr); }, ThrowsMessage<DataError>("no such corpus"));
  broken.data = "chorales.mat";
  EXPECT_THAT([&] { run_experiment(broken, {}, pool, nullptr); },
              ThrowsMessage<SettingError>(HasSubstr("--data, a folder with chorales.mat")));
}

TEST(Laboratory, ResultsComeBackFromTheirFile) {
  const std::string folder = ::testing::TempDir() + "/lab_" + std::to_string(::getpid());
  Result result{"counting", "1.2.3", "2026-01-02", "a machine", {}};
  result.seeds.push_back({.seed = 7, .outcome = {true, 5, 0.1}, .seconds = 0.25, .complete = true});
  result.seeds.push_back({.seed = 8, .outcome = {false, 6, std::nan("")}, .seconds = 2, .complete = false});
  save_result(result, folder);
  const Result back = load_result(folder, "counting").value();
  EXPECT_EQ(back.version, "1.2.3");
  ASSERT_EQ(back.seeds.size(), 2u);
  EXPECT_EQ(back.seeds[0].outcome.figure, 0.1);
  EXPECT_TRUE(std::isnan(back.seeds[1].outcome.figure));
  EXPECT_FALSE(back.seeds[1].complete);
  EXPECT_FALSE(load_result(folder, "other"));
  write_file(folder + "/broken.json", "{\"experiment\": 5}");
  EXPECT_THAT([&] { load_result(folder, "broken"); }, ThrowsMessage<DataError>(HasSubstr("broken.json")));
}

TEST(Laboratory, EveryExperimentSaysWhatItIsAndThePageNamesThemAll) {
  const std::string page = lab_page({}, "");
  EXPECT_TRUE(std::ranges::is_sorted(experiments(), {}, &Experiment::name));
  EXPECT_EQ(std::ranges::adjacent_find(experiments(), {}, &Experiment::name), experiments().end());
  for (const Experiment* one : experiments()) {
    EXPECT_NE(one->run, nullptr);
    for (const auto text : {one->name, one->what, one->source, one->figure, one->published, one->gate})
      EXPECT_FALSE(text.empty()) << one->name;
    EXPECT_LE(one->needed, one->seeds);
    EXPECT_THAT(page, HasSubstr(std::string(one->name)));
  }
  EXPECT_THAT([] { experiment("dubble_pole_genetic"); },
              ThrowsMessage<SettingError>(HasSubstr("double_pole_genetic")));
}

TEST(Laboratory, ThePictureHasADotForEachSeed) {
  ThreadPool pool(1);
  const std::string picture = lab_picture(counting(), run_experiment(counting(), {}, pool, nullptr));
  std::size_t dots = 0;
  for (std::size_t at = picture.find("<circle"); at != std::string::npos;
       at = picture.find("<circle", at + 1))
    ++dots;
  EXPECT_EQ(dots, 4u);
}

}  // namespace
}  // namespace carousel::lab
