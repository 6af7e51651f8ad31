#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

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
