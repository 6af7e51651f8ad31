#include "tasks/benchmark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "carousel/error.h"
#include "model/network.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using Kind = BenchmarkWork::Kind;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

const std::vector<Cache> kCaches = {{1, 32 * kKiB, 1}, {2, kMiB, 1}, {3, 32 * kMiB, 8}};

/// 100 operations a second; 50, 20 and 10 bytes a second from L1, L2 and memory.
MachineLimits limits() {
  return {100, {{"L1", 1000, 0, 50}, {"L2", 5000, 0, 20}, {"memory", kUnlimited, 0, 10}}};
}

double seconds_of(const BenchmarkWork& work, std::size_t threads) {
  const Network<float> network(work.layers, work.F);
  return least_seconds(products_of(work, network.parameters()), limits(), threads);
}

TEST(MemoryLevels, AreReadBetweenTheShareBeforeAndTheirOwn) {
  EXPECT_THAT(
      memory_levels(kCaches, 1),
      ElementsAre(FieldsAre("L1", 32 * kKiB, 16 * kKiB, 0), FieldsAre("L2", kMiB, 128 * kKiB, 0),
                  FieldsAre("L3", 32 * kMiB, 4 * kMiB, 0), FieldsAre("memory", kUnlimited, 64 * kMiB, 0)));
  // Four threads have a quarter of the third level each, sixteen an eighth: no more than eight share it.
  EXPECT_EQ(memory_levels(kCaches, 4)[2].capacity_bytes, 8 * kMiB);
  EXPECT_EQ(memory_levels(kCaches, 16)[2].capacity_bytes, 4 * kMiB);
  EXPECT_EQ(memory_levels(kCaches, 16)[2].read_bytes, 5 * kMiB / 2);
  EXPECT_EQ(memory_levels(kCaches, 16)[1].capacity_bytes, kMiB);
}

// 112 processors, two to a second level: with all at work a thread has 0.94 MiB of the third, less than of
// the second.
TEST(MemoryLevels, AThirdLevelThatManyShareIsNone) {
  const std::vector<Cache> caches = {{1, 48 * kKiB, 2}, {2, 2 * kMiB, 2}, {3, 105 * kMiB, 112}};
  EXPECT_THAT(memory_levels(caches, 112),
              ElementsAre(FieldsAre("L1", 24 * kKiB, 12 * kKiB, 0), FieldsAre("L2", kMiB, 96 * kKiB, 0),
                          FieldsAre("memory", kUnlimited, 32 * kMiB, 0)));
  EXPECT_EQ(memory_levels(caches, 56)[2].name, "L3");
  // A share as large as the one before adds nothing either.
  EXPECT_EQ(memory_levels(std::vector<Cache>{{1, kMiB, 1}, {2, 4 * kMiB, 4}}, 4)[1].name, "memory");
}

TEST(MachineLimits, ReadingFromTheFirstLevelThatHoldsTheBytes) {
  EXPECT_EQ(limits().bytes_per_second(1000), 50);
  EXPECT_EQ(limits().bytes_per_second(1001), 20);
  EXPECT_EQ(limits().bytes_per_second(5001), 10);
}

TEST(LimitMeter, MeasuresEveryLevelOnEveryThread) {
  for (const std::size_t threads : {1, 2}) {
    LimitMeter meter(threads, std::vector<Cache>{{1, 32 * kKiB, 1}});
    meter.measure_operations();
    meter.measure_levels();
    EXPECT_GT(meter.limits().operations_per_second, 0);
    ASSERT_EQ(meter.limits().levels.size(), 2u);
    for (const MemoryLevel& level : meter.limits().levels) EXPECT_GT(level.bytes_per_second, 0);
  }
}

// lstm 8 on 4 inputs: W [32, 4], R [32, 8], that is 512 and 1024 bytes.
TEST(LeastSeconds, InputProductsAreBoundByOperationsRecurrentOnesByReading) {
  const double input = 2 * 32 * 4 * 10 / 100.0;      // ten steps at 100 operations a second
  const double recurrent = 2 * 32 * 8 * 10 / 100.0;  // 51.2 s, and reading 10 x 1024 bytes
  EXPECT_DOUBLE_EQ(seconds_of({Kind::inference, 1, 10, 4, "lstm 8"}, 1), input + 10 * 1024 / 20.0);
  // Shared out to two threads, R lies in the first level.
  EXPECT_DOUBLE_EQ(seconds_of({Kind::inference, 1, 10, 4, "lstm 8"}, 2), input + 10 * 1024 / 50.0);
  // A hundred sequences read R no more often than one.
  EXPECT_DOUBLE_EQ(seconds_of({Kind::inference, 100, 10, 4, "lstm 8"}, 1), 100 * (input + recurrent));
}

TEST(LeastSeconds, TrainingMakesEveryProductThreeTimes) {
  const double input = 2 * 32 * 4 * 10 / 100.0, recurrent = 2 * 32 * 8 * 10 / 100.0;
  EXPECT_DOUBLE_EQ(seconds_of({Kind::training, 100, 10, 4, "lstm 8"}, 1), 300 * (input + recurrent));
  // One sequence: forward and back through time R is read every step, for its gradient not.
  EXPECT_DOUBLE_EQ(seconds_of({Kind::training, 1, 10, 4, "lstm 8"}, 1),
                   3 * input + 2 * 10 * 1024 / 20.0 + recurrent);
}

TEST(LeastSeconds, AStepReadsAllWeights) {
  // With dense 1 on it 512 + 1024 + 32 bytes, more than the first level holds.
  EXPECT_DOUBLE_EQ(seconds_of({Kind::step, 1, 1, 4, "lstm 8, dense 1"}, 1), (512 + 1024 + 32) / 20.0);
}

/// Stops after so many questions.
struct Stopper : BenchmarkSink {
  explicit Stopper(std::size_t after) : left(after) {}
  void on_measured(double fraction, double) override {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1);
    last = fraction;
  }
  bool should_stop() override { return left-- == 0; }
  std::size_t left;
  double last = 0;
};

TEST(Benchmark, StoppedBeforeTheFirstRoundHasNoFigures) {
  Stopper sink(2);
  const Benchmark benchmark = run_benchmark({60, 1}, sink);
  EXPECT_EQ(benchmark.rounds, 0u);
  EXPECT_TRUE(benchmark.works.empty());
  EXPECT_THAT(benchmark.threads, ElementsAre(1u));
}

TEST(Benchmark, StoppedLaterItHasFiguresOfEveryWork) {
  const std::size_t works = standard_works().size();
  Stopper sink(2 * works + 1);  // set up, one round, one work more
  const Benchmark benchmark = run_benchmark({1e9, 1}, sink);
  EXPECT_EQ(benchmark.rounds, 1u);
  ASSERT_EQ(benchmark.works.size(), works);
  for (const BenchmarkFigures& figures : benchmark.works) {
    EXPECT_GT(figures.seconds, 0) << figures.work.layers;
    EXPECT_GT(figures.share_of_limit, 0) << figures.work.layers;
  }
}

TEST(Benchmark, TooManyThreadsAreRefused) {
  Stopper sink(0);
  EXPECT_THROW((void)run_benchmark({1, ThreadPool::kMaxThreads + 1}, sink), SettingError);
}

}  // namespace
}  // namespace carousel
