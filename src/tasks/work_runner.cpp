#include "tasks/work_runner.h"

#include <algorithm>
#include <chrono>

#include "base/random.h"

namespace carousel {

namespace {

constexpr double kMinSeconds = 0.005;  // of a measurement

void fill(std::span<float> values, std::uint64_t seed) {
  const Random random(seed, 0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(2 * random.uniform(i) - 1);
}

double seconds_of(WorkRunner& runner, std::size_t repeats) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < repeats; ++i) runner.run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

WorkRunner::WorkRunner(const BenchmarkWork& work, ThreadPool& pool)
    : work_(work),
      network_(work.layers, work.F),
      trace_(network_.make_trace()),
      x_(std::vector<std::size_t>(work.B, work.T), work.F),
      y_(x_.layout_pointer(), network_.outputs()),
      dy_(x_.layout_pointer(), network_.outputs()),
      state_({work.B, network_.state_size()}),
      gradient_(network_.weights().size()),
      scratch_(network_.step_scratch(work.B)) {
  fill(x_.values(), 1);
  fill(dy_.values(), 2);
  pass_.pool = &pool;
  pass_.training = work.kind == BenchmarkWork::Kind::training;
}

void WorkRunner::run() {
  if (work_.kind == BenchmarkWork::Kind::step)
    return network_.step(x_.matrix(), state_.matrix(), y_.matrix(), scratch_.data());
  state_.fill(0);
  network_.forward(pass_, x_, state_.matrix(), y_, *trace_);
  if (!pass_.training) return;
  state_.fill(0);
  std::ranges::fill(gradient_, 0.0f);
  network_.backward(pass_, x_, y_, dy_, state_.matrix(), &dx_, gradient_, *trace_);
}

double WorkRunner::measure() {
  if (repeats_ == 0) {
    repeats_ = 1;
    while (seconds_of(*this, repeats_) < kMinSeconds) repeats_ *= 2;
  }
  return seconds_of(*this, repeats_) / static_cast<double>(repeats_);
}

}  // namespace carousel
