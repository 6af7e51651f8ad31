#include "base/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace carousel {
namespace {

TEST(Pipeline, EveryBlockPassesEveryStageInOrder) {
  Pipeline pipeline;
  for (const std::size_t threads : {1, 2, 3, 8})
    for (const std::size_t stages : {1, 2, 5})
      for (const std::size_t blocks : {0, 1, 7, 200}) {
        ThreadPool pool(threads);
        // What a block holds is the number of stages it has passed: no atomics, so a race would show.
        std::vector<std::size_t> passed(blocks, 0), next(stages, 0);
        std::vector<char> inside(stages, 0);
        std::atomic<int> wrong{0};
        pipeline.run(pool, stages, blocks, [&](std::size_t stage, std::size_t block) {
          if (inside[stage] || next[stage] != block || passed[block] != stage) ++wrong;
          inside[stage] = 1;
          ++passed[block];
          ++next[stage];
          inside[stage] = 0;
        });
        EXPECT_EQ(wrong, 0);
        EXPECT_EQ(passed, std::vector<std::size_t>(blocks, stages));
        EXPECT_EQ(next, std::vector<std::size_t>(stages, blocks));
      }
}

TEST(Pipeline, NoMoreThreadsTakePartThanThereAreStages) {
  Pipeline pipeline;
  ThreadPool pool(8);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  pipeline.run(pool, 2, 200, [&](std::size_t, std::size_t) {
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_LE(seen.size(), 2u);
}

TEST(Pipeline, AnExceptionReachesTheCallerAndThePipelineGoesOn) {
  Pipeline pipeline;
  for (const std::size_t threads : {1, 3}) {
    ThreadPool pool(threads);
    const auto fail = [](std::size_t stage, std::size_t block) {
      if (stage == 1 && block == 4) throw std::runtime_error("block 4");
    };
    EXPECT_THROW(pipeline.run(pool, 3, 50, fail), std::runtime_error);
    std::atomic<int> count{0};
    pipeline.run(pool, 3, 50, [&](std::size_t, std::size_t) { ++count; });
    EXPECT_EQ(count, 150);
  }
}

}  // namespace
}  // namespace carousel
