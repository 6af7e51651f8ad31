#include "base/thread_pool.h"

#include <carousel/error.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "base/step_barrier.h"

namespace carousel {
namespace {

TEST(ThreadPool, EveryPartRunsOnce) {
  for (std::size_t threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    for (std::size_t parts : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> count(parts);
      pool.run(parts, [&](std::size_t part) { ++count[part]; });
      for (auto& c : count) EXPECT_EQ(c.load(), 1);
    }
  }
}

TEST(ThreadPool, TheCallerDoesTheFirstPart) {
  ThreadPool pool(3);
  for (int turn = 0; turn < 100; ++turn) {
    std::array<std::thread::id, 3> by;
    pool.run(3, [&](std::size_t part) { by[part] = std::this_thread::get_id(); });
    EXPECT_EQ(by[0], std::this_thread::get_id());
  }
}

TEST(ThreadPool, AnExceptionReachesTheCallerAndThePoolGoesOn) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.run(10,
                        [](std::size_t part) {
                          if (part == 4) throw std::runtime_error("part 4");
                        }),
               std::runtime_error);
  std::atomic<int> sum{0};
  pool.run(10, [&](std::size_t part) { sum += static_cast<int>(part); });
  EXPECT_EQ(sum.load(), 45);
}

TEST(ThreadPool, CallsFromInsideATaskDoNotDeadlock) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  pool.run(4, [&](std::size_t) { pool.run(4, [&](std::size_t) { ++sum; }); });
  EXPECT_EQ(sum.load(), 16);
}

TEST(ThreadPool, MoreThreadsThanThereCanBeAreRefused) {
  EXPECT_THROW(ThreadPool(ThreadPool::kMaxThreads + 1), SettingError);
  EXPECT_THROW(ThreadPool(static_cast<std::size_t>(-1)), SettingError);
}

TEST(ThreadPool, ThreadsThatTheSystemRefusesAreAnErrorNotACrash) {
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 46), 0);  // two are more than can be addressed
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  EXPECT_THROW(ThreadPool(8), SettingError);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
  std::atomic<int> sum{0};
  ThreadPool(8).run(8, [&](std::size_t) { ++sum; });
  EXPECT_EQ(sum.load(), 8);
}

TEST(ThreadPool, PartsRunTogetherMayWaitForEachOther) {
  ThreadPool pool(3);
  StepBarrier barrier(3);
  std::array<int, 3> steps{};
  std::atomic<bool> apart{false};
  ASSERT_TRUE(pool.run_together(3, [&](std::size_t part) noexcept {
    for (int step = 1; step <= 1000; ++step) {
      steps[part] = step;
      (void)barrier.wait();
      for (const int other : steps)
        if (other != step) apart = true;
      (void)barrier.wait();
    }
  }));
  EXPECT_FALSE(apart);
}

// These two end when it has happened: how soon is the system's affair.
TEST(ThreadPool, PartsAreToldWhenOneKeepsTheOthersWaiting) {
  ThreadPool pool(2);
  StepBarrier barrier(2);
  ASSERT_TRUE(pool.run_together(2, [&](std::size_t part) noexcept {
    while (barrier.wait())
      if (part == 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }));
  EXPECT_FALSE(barrier.together());
}

TEST(ThreadPool, PartsAreKeptApartForAWhile) {
  ThreadPool pool(2);
  const auto nothing = [](std::size_t) noexcept {};
  ASSERT_TRUE(pool.run_together(2, nothing));
  do pool.keep_apart();
  while (pool.run_together(2, nothing));
  while (!pool.run_together(2, nothing)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

/// Until this thread has used so much of its processor.
void work_for(double seconds) {
  const auto used = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  for (const double end = used() + seconds; used() < end;) {
  }
}

/// Everything on one processor, of which somebody who spins takes a part: what the pool's threads compute
/// takes longer than their processor time says it should.
TEST(ThreadPool, WorkThatOthersSlowDownBecomesTheCallersAlone) {
  cpu_set_t all, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  std::atomic<bool> stop{false};
  std::thread spinner([&] {
    while (!stop) {
    }
  });
  ThreadPool pool(2);
  int passes = 0;
  while (pool.threads_now() == 2 && ++passes < 100) pool.run(2, [](std::size_t) { work_for(0.01); });
  EXPECT_EQ(pool.threads_now(), 1u);
  stop = true;
  spinner.join();
  sched_setaffinity(0, sizeof(all), &all);
}

TEST(ThreadPool, PartsThatCannotRunTogetherDoNotRun) {
  ThreadPool pool(2);
  int calls = 0;
  EXPECT_FALSE(pool.run_together(3, [&](std::size_t) noexcept { ++calls; }));
  EXPECT_FALSE(ThreadPool(1).run_together(1, [&](std::size_t) noexcept { ++calls; }));
  pool.run(2, [&](std::size_t part) {
    if (part == 0) {
      EXPECT_FALSE(pool.run_together(2, [&](std::size_t) noexcept { ++calls; }));
    }
  });
  EXPECT_EQ(calls, 0);
}

TEST(ThreadPool, ManyCallersMayShareIt) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int k = 0; k < 200; ++k) pool.run(5, [&](std::size_t) { ++sum; });
    });
  for (auto& c : callers) c.join();
  EXPECT_EQ(sum.load(), 4 * 200 * 5);
}

}  // namespace
}  // namespace carousel
