#include "base/thread_pool.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/relax.h"

namespace carousel {

using Clock = std::chrono::steady_clock;

std::size_t processor_count() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {

/// Looks for about 30 microseconds whether ready() is true: work that comes in quick succession finds its
/// threads awake, and on the processors where their data are.
template <class Ready>
void look_out(Ready&& ready) {
  for (int turn = 0; turn < 1000 && !ready(); ++turn) relax();
}

/// Moves this thread off a processor, if there is another for it. Systems like to wake a thread where its
/// caller runs, which is good for it only if the caller stops running.
void leave_processor(int processor) noexcept {
  cpu_set_t all, others;
  CPU_ZERO(&all);
  if (processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof(all), &all) != 0) return;
  others = all;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof(others), &others) != 0) return;
  sched_setaffinity(0, sizeof(all), &all);
}

/// Whether this thread is one of a pool's, or at work on a part of its own call.
thread_local bool inside = false;

/// What this thread has used.
Clock::duration processor_time() noexcept {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Whether threads did more harm than good: `alone` is what the work would take one of them. Two milliseconds
/// may be an accident.
bool slower_than_alone(Clock::duration took, Clock::duration alone) noexcept {
  return took > alone + alone / 20 + std::chrono::milliseconds(2);
}

/// Whether other work on the machine takes the processor from workers that somebody waits for.
class Crowd {
 public:
  bool here() const noexcept { return Clock::now().time_since_epoch().count() < until_.load(); }
  /// Three times as long as the last time, if that is not long ago. Once it is here, it is not seen again.
  void seen() noexcept {
    const std::lock_guard lock(mutex_);
    if (here()) return;
    const Clock::time_point now = Clock::now();
    pause_ = now < last_ + 4 * pause_ ? std::min(3 * pause_, kLongest) : kShortest;
    last_ = now + pause_;
    until_ = last_.time_since_epoch().count();
  }

 private:
  static constexpr Clock::duration kShortest = std::chrono::milliseconds(50),
                                   kLongest = std::chrono::seconds(3);
  std::mutex mutex_;
  Clock::duration pause_ = kShortest;
  Clock::time_point last_ = Clock::time_point::min() + 4 * kLongest;
  std::atomic<Clock::rep> until_{Clock::time_point::min().time_since_epoch().count()};
};

}  // namespace

struct ThreadPool::Shared {
  std::mutex caller;  // held by whoever has handed out work
  std::mutex mutex;
  std::condition_variable wake, done;
  Call call = nullptr;
  void* task = nullptr;
  std::size_t parts = 0;
  int processor = -1;  // that the caller was on
  std::atomic<std::size_t> next{0};
  std::atomic<unsigned long> round{0};  // counts rounds, so that a worker joins each once
  bool open = false;                    // the round may still be joined
  std::atomic<std::size_t> joined{0};   // workers in the round
  std::atomic<Clock::rep> used{0};      // their processor time in it
  std::atomic<bool> stop = false;
  Crowd crowd;
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

  /// Does parts, as long as there are any, beginning with `part`. Returns the processor time that took.
  Clock::duration work(std::size_t part) {
    const Clock::duration before = processor_time();
    for (; part < parts; part = next.fetch_add(1, std::memory_order_relaxed)) {
      try {
        call(task, part);
      } catch (...) {  // carried to the caller of run()
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
    return processor_time() - before;
  }

  void worker() {
    std::fesetenv(
        FE_DFL_ENV);  // not the mode of the thread that made the pool: results must not depend on it
    inside = true;
    unsigned long seen = 0;
    const auto called = [&] { return stop.load() || round.load() != seen; };
    for (;;) {
      look_out(called);
      std::unique_lock lock(mutex);
      wake.wait(lock, called);
      if (stop) return;
      seen = round;
      if (!open) continue;
      ++joined;
      const int occupied = processor;
      lock.unlock();
      if (sched_getcpu() == occupied) leave_processor(occupied);
      if (const std::size_t part = next.fetch_add(1, std::memory_order_relaxed); part < parts)
        used += work(part).count();
      lock.lock();
      if (--joined == 0) done.notify_one();
    }
  }

  void begin(std::size_t count, Call function, void* context) {
    {
      const std::lock_guard lock(mutex);
      call = function;
      task = context;
      parts = count;
      processor = sched_getcpu();
      next.store(1, std::memory_order_relaxed);
      used.store(0, std::memory_order_relaxed);
      error = nullptr;
      open = true;
      ++round;
    }
    wake.notify_all();
  }

  /// Waits for the workers that have joined. Those that the system has not let run yet are not needed: their
  /// parts are done.
  void end() {
    const auto alone = [&] { return joined.load() == 0; };
    std::unique_lock lock(mutex);
    open = false;
    lock.unlock();
    look_out(alone);
    lock.lock();
    done.wait(lock, alone);
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
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
  std::unique_lock mine(s.caller, std::defer_lock);
  if (parts <= 1 || threads_ == 1 || inside || s.crowd.here() || !mine.try_lock()) return false;
  const Clock::time_point begin = Clock::now();
  s.begin(parts, call, task);
  inside = true;
  const Clock::duration own = s.work(0);
  inside = false;
  s.end();
  if (slower_than_alone(Clock::now() - begin, own + Clock::duration(s.used.load()))) keep_apart();
  return true;
}

std::size_t ThreadPool::threads_now() const noexcept {
  return inside || shared_->crowd.here() ? 1 : threads_;
}

void ThreadPool::keep_apart() noexcept { shared_->crowd.seen(); }

}  // namespace carousel
