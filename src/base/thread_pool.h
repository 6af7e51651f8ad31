// A fixed set of threads that share numbered pieces of work.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace carousel {

/// Runs numbered tasks on a fixed number of threads, the caller's included. What a task computes must not
/// depend on which thread runs it: every split in the engine is over outputs, never over a sum.
class ThreadPool {
 public:
  static constexpr std::size_t kMaxThreads = 1024;

  /// threads >= 1 in all, the caller counted; 0 means one for each processor this process may run on.
  /// Throws SettingError for more than kMaxThreads, or more than the system gives.
  explicit ThreadPool(std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const noexcept { return threads_; }
  /// How many the next call would find, unless another caller has them: one inside a task, or while threads
  /// are kept apart.
  std::size_t threads_now() const noexcept;

  /// Calls task(0), ..., task(parts - 1), each once, and returns when all have returned; the caller does part
  /// 0. Allocates nothing. The first exception that a task throws is thrown here when no part runs any more;
  /// some may then never have been called. Calls from inside a task, or from a second thread while one runs,
  /// do their work on the calling thread alone; so do calls on a machine whose other work keeps the pool's
  /// threads waiting, for a while.
  template <class Task>
  void run(std::size_t parts, Task&& task) {
    if (!run_erased(parts, erased<Task>, address(task)))
      for (std::size_t part = 0; part < parts; ++part) task(part);
  }

  /// The same, every part on a thread of its own, so that they may wait for each other. Returns false, and
  /// has done nothing, where that cannot be: with one part or more parts than threads, or where run() would
  /// do the work on the calling thread alone.
  template <class Task>
  bool run_together(std::size_t parts, Task&& task) {
    static_assert(std::is_nothrow_invocable_v<Task&, std::size_t>, "who throws leaves the others waiting");
    return parts <= threads_ && run_erased(parts, erased<Task>, address(task));
  }
  /// To be called when threads that wait for each other have waited too long: the next calls, for a twentieth
  /// of a second and longer each time it happens again, are the calling thread's alone.
  void keep_apart() noexcept;

 private:
  using Call = void (*)(void*, std::size_t);
  template <class Task>
  static void erased(void* task, std::size_t part) {
    (*static_cast<std::remove_reference_t<Task>*>(task))(part);
  }
  template <class Task>
  static void* address(Task& task) {
    return const_cast<void*>(static_cast<const void*>(&task));
  }
  /// False where no other thread could take part.
  bool run_erased(std::size_t parts, Call call, void* task);

  struct Shared;
  std::size_t threads_;
  std::unique_ptr<Shared> shared_;
};

/// Processors this process may run on, at least 1.
std::size_t processor_count() noexcept;

}  // namespace carousel
