// A machine with other work takes a processor from a thread in the middle of a pass. Those that wait for it
// part then, and one makes the rest; its bits are the same.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "contract/problem.h"

namespace carousel::testing {
namespace {

pid_t thread_number() { return static_cast<pid_t>(syscall(SYS_gettid)); }

/// As long as it lives, all threads but the one that made it are stopped again and again, each time for
/// longer than threads wait for each other.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action {};
    action.sa_handler = [](int) {
      const timespec pause{0, 30'000'000};
      nanosleep(&pause, nullptr);
    };
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, &before_);
    sender_ = std::thread([this, maker = thread_number()] { send(maker); });
  }
  ~Interruptions() {
    stop_ = true;
    sender_.join();
    sigaction(SIGUSR1, &before_, nullptr);
  }

 private:
  void send(pid_t maker) {
    for (; !stop_; std::this_thread::sleep_for(std::chrono::milliseconds(40)))
      for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        const pid_t thread = std::stoi(entry.path().filename().string());
        if (thread != maker && thread != thread_number()) syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
      }
  }

  struct sigaction before_ {};
  std::atomic<bool> stop_{false};
  std::thread sender_;
};

/// Runs pass(pool) on new pools of two threads until they parted in it three times.
template <class OnePass>
void until_threads_parted(OnePass&& pass) {
  const Interruptions interruptions;
  std::size_t parted = 0;
  for (int turn = 0; turn < 300 && parted < 3; ++turn) {
    ThreadPool pool(2);
    pass(pool);
    if (pool.threads_now() == 1) ++parted;
  }
#ifndef __SANITIZE_THREAD__  // which holds signals back until a thread sleeps by itself
  EXPECT_EQ(parted, 3u);
#endif
}

void parting_does_not_show(const std::string& layer) {
  const Problem<float> problem({"large", layer, 5}, {300, 270});
  ASSERT_EQ(problem.network.schedule({2, 2}), (PassSchedule{SharedBy::units, 2}));
  const Outcome<float> one = problem.run(1);
  until_threads_parted([&](ThreadPool& pool) {
    Tensor<float> state = problem.state;
    Sequences<float> y;
    problem.network.forward({.pool = &pool}, problem.x, state.matrix(), y, *problem.network.make_trace());
    EXPECT_TRUE(same_bits(y.values(), one.y.values()));
    EXPECT_TRUE(same_bits(state.span(), one.state.span()));
  });
  const auto trace = problem.network.make_trace();
  ThreadPool alone(1);
  const Pass training{.pool = &alone, .training = true, .seed = 1, .update = 7};
  until_threads_parted([&](ThreadPool& pool) {
    Outcome<float> out;
    out.state = problem.state, out.dstate = problem.dstate;
    out.gradient.assign(problem.network.weights().size(), 0.0f);
    problem.network.forward(training, problem.x, out.state.matrix(), out.y, *trace);
    Pass back = training;
    back.pool = &pool;
    problem.network.backward(back, problem.x, out.y, problem.dy, out.dstate.matrix(), &out.dx, out.gradient,
                             *trace);
    expect_same(one, out, layer);
  });
}

TEST(Interruption, PartingInTheMiddleOfAPassOfLstmDoesNotShow) { parting_does_not_show("lstm 192"); }
TEST(Interruption, PartingInTheMiddleOfAPassOfGruDoesNotShow) { parting_does_not_show("gru 192"); }

}  // namespace
}  // namespace carousel::testing
