#include "base/thread_pool.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace carousel {

std::size_t processor_count() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

struct ThreadPool::Shared {
  std::mutex caller;  // held by whoever has handed out work
  std::mutex mutex;
  std::condition_variable wake, done;
  Call call = nullptr;
  void* task = nullptr;
  std::size_t parts = 0;
  std::atomic<std::size_t> next{0};
  std::size_t busy = 0;          // workers that have not finished the present round
  unsigned long generation = 0;  // counts rounds, so that a worker joins each once
  bool stop = false;
  std::exception_ptr error;
  std::vector<std::thread> workers;

  ~Shared() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    wake.notify_all();
    for (auto& thread : workers) thread.join();
  }

  void work() {
    for (;;) {
      const std::size_t part = next.fetch_add(1, std::memory_order_relaxed);
      if (part >= parts) return;
      try {
        call(task, part);
      } catch (...) {  // carried to the caller of run()
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
  }

  void worker() {
    std::fesetenv(
        FE_DFL_ENV);  // not the mode of the thread that made the pool: results must not depend on it
    unsigned long seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stop || generation != seen; });
      if (stop) return;
      seen = generation;
      lock.unlock();
      work();
      lock.lock();
      if (--busy == 0) done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(std::size_t threads)
    : threads_(threads == 0 ? std::min(processor_count(), kMaxThreads) : threads),
      shared_(std::make_unique<Shared>()) {
  if (threads_ > kMaxThreads)
    throw SettingError(fmt::format("threads: from 1 to {} are possible, got {}", kMaxThreads, threads_));
  shared_->workers.reserve(threads_ - 1);
  try {
    for (std::size_t i = 1; i < threads_; ++i)
      shared_->workers.emplace_back([s = shared_.get()] { s->worker(); });
  } catch (const std::system_error& error) {
    throw SettingError(fmt::format("threads: the system gave {} of {} ({}); ask for fewer",
                                   shared_->workers.size() + 1, threads_, error.code().message()));
  }
}

ThreadPool::~ThreadPool() = default;

bool ThreadPool::run_erased(std::size_t parts, Call call, void* task) {
  Shared& s = *shared_;
  static thread_local bool inside = false;
  std::unique_lock mine(s.caller, std::defer_lock);
  if (parts <= 1 || threads_ == 1 || inside || !mine.try_lock()) return false;
  {
    const std::lock_guard lock(s.mutex);
    s.call = call;
    s.task = task;
    s.parts = parts;
    s.next.store(0, std::memory_order_relaxed);
    s.busy = s.workers.size();
    s.error = nullptr;
    ++s.generation;
  }
  s.wake.notify_all();
  inside = true;
  s.work();
  inside = false;
  std::unique_lock lock(s.mutex);
  s.done.wait(lock, [&] { return s.busy == 0; });
  if (s.error) std::rethrow_exception(std::exchange(s.error, nullptr));
  return true;
}

}  // namespace carousel
