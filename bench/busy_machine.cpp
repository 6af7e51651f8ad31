// Whether a second thread harms on a machine with other work: passes on 2 threads and on 1 by turns, beside a
// process that spins. Prints the median times and fails where 2 threads are more than 10 % slower.
//
//     bench/busy_machine [ROUNDS]
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/median.h"
#include "model/network.h"

namespace {

using namespace carousel;

/// A process that does nothing but take processor time, as long as this lives.
class Spinner {
 public:
  Spinner() : child_(fork()) {
    if (child_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (std::atomic<unsigned long> turns{0};; ++turns) {
    }
  }
  ~Spinner() {
    if (child_ > 0) kill(child_, SIGKILL);
  }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

 private:
  pid_t child_;
};

struct Work {
  const char* spec;
  std::size_t inputs, batch, time;
  bool training;
};

class Passes {
 public:
  Passes(const Work& work, std::size_t threads)
      : network_(work.spec, work.inputs),
        pool_(threads),
        trace_(network_.make_trace()),
        x_(std::vector<std::size_t>(work.batch, work.time), work.inputs),
        dy_(x_.layout_pointer(), network_.outputs()),
        state_({work.batch, network_.state_size()}),
        gradient_(network_.weights().size()) {
    pass_.pool = &pool_;
    pass_.training = work.training;
    x_.fill(0.5f);
    dy_.fill(0.1f);
  }

  /// Milliseconds of one pass.
  double time() {
    const auto begin = std::chrono::steady_clock::now();
    state_.fill(0);
    network_.forward(pass_, x_, state_.matrix(), y_, *trace_);
    if (pass_.training) network_.backward(pass_, x_, y_, dy_, state_.matrix(), nullptr, gradient_, *trace_);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }
  std::string schedule() const { return name(network_.schedule(pass_.load(x_.layout().batch())).by); }

 private:
  Network<float> network_;
  ThreadPool pool_;
  Pass pass_;
  std::unique_ptr<Trace<float>> trace_;
  Sequences<float> x_, y_, dy_;
  Tensor<float> state_;
  std::vector<float> gradient_;
};

}  // namespace

int main(int argc, char** argv) try {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 31;
  const Work works[] = {
      {"lstm 256, lstm 256", 256, 32, 100, false}, {"lstm 512, lstm 512", 512, 1, 100, false},
      {"lstm 128, lstm 128", 64, 1, 400, false},   {"bidirectional(lstm 256)", 256, 1, 100, false},
      {"lstm 256, lstm 256", 256, 32, 100, true},  {"lstm 512", 512, 4, 100, true}};
  const Spinner spinner;
  bool harmed = false;
  for (const Work& work : works) {
    Passes one(work, 1), two(work, 2);
    std::vector<double> alone, shared;
    for (int round = 0; round < rounds; ++round) {
      alone.push_back(one.time());
      shared.push_back(two.time());
    }
    const double ratio = median(shared) / median(alone);
    harmed = harmed || ratio > 1.1;
    fmt::print("{:9} {:24} B {:2}, T {}, by {:10}: 1 thread {:7.2f} ms, 2 threads {:7.2f} ms, ratio {:.2f}\n",
               work.training ? "training" : "inference", work.spec, work.batch, work.time, two.schedule(),
               median(alone), median(shared), ratio);
  }
  if (harmed) fmt::print("2 threads were more than 10 % slower than 1\n");
  return harmed ? 1 : 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "busy_machine: %s\n", error.what());
  return 2;
}
