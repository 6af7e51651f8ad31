// Carousel's own network, as Model and the trainer run it.
#include <fmt/format.h>
#include <sched.h>

#include <numeric>
#include <thread>

#include "base/thread_pool.h"
#include "kernels/limits.h"
#include "losses/cross_entropy.h"
#include "model/network.h"
#include "training/optimizer.h"
#include "worker.h"

namespace {

using carousel::Network;
using carousel::Sequences;

std::vector<std::size_t> lengths(const peers::Work& work) { return std::vector<std::size_t>(work.B, work.T); }

std::string recurrent_layers(const peers::Work& work) {
  std::string text;
  const std::string layer = fmt::format("{} {}", work.cell, work.H);
  for (std::size_t l = 0; l < work.layers; ++l)
    text += (l == 0 ? "" : ", ") + (work.directions == 2 ? "bidirectional(" + layer + ")" : layer);
  return text;
}

class Carousel final : public peers::Engine {
 public:
  explicit Carousel(const peers::Work& work)
      : training_(work.direction == "training"),
        pool_(work.threads),
        network_(recurrent_layers(work), work.F),
        trace_(network_.make_trace()),
        x_(lengths(work), work.F),
        dy_(x_.layout_pointer(), network_.outputs()),
        state_({work.B, network_.state_size()}),
        gradient_(network_.weights().size()) {
    network_.set_weights(work.weights);
    std::ranges::copy(work.x, x_.matrix().data());
    if (training_) std::ranges::copy(work.dy, dy_.matrix().data());
    pass_.pool = &pool_;
    pass_.training = training_;
  }

  void run() override {
    std::ranges::fill(state_.span(), 0.0f);
    network_.forward(pass_, x_, state_.matrix(), y_, *trace_);
    if (!training_) return;
    std::ranges::fill(state_.span(), 0.0f);
    std::ranges::fill(gradient_, 0.0f);
    network_.backward(pass_, x_, y_, dy_, state_.matrix(), &dx_, gradient_, *trace_);
  }
  std::vector<float> result() const override {
    // Sequences of one length are [T, B, features], as in the files.
    const std::span<const float> first = training_ ? dx_.values() : y_.values();
    std::vector<float> all(first.begin(), first.end());
    if (training_) all.insert(all.end(), gradient_.begin(), gradient_.end());
    return all;
  }

 private:
  bool training_;
  carousel::ThreadPool pool_;
  Network<float> network_;
  std::unique_ptr<carousel::Trace<float>> trace_;
  carousel::Pass pass_;
  Sequences<float> x_, y_, dy_, dx_;
  carousel::Tensor<float> state_;
  std::vector<float> gradient_;
};

/// Updates of a whole model of characters.
class Characters final : public peers::Engine {
 public:
  explicit Characters(const peers::Work& work)
      : pool_(work.threads),
        network_(
            fmt::format("embedding {0} {1}, {2}, dense {0}", work.symbols, work.F, recurrent_layers(work)),
            1),
        loss_(work.symbols),
        optimizer_(carousel::make_optimizer<float>({.name = "adam"}, network_.weights().size())),
        trace_(network_.make_trace()),
        x_(lengths(work), 1),
        target_(x_.layout_pointer(), 1),
        dy_(x_.layout_pointer(), work.symbols),
        state_({work.B, network_.state_size()}),
        gradient_(network_.weights().size()) {
    network_.set_weights(work.weights);
    std::ranges::copy(work.x, x_.matrix().data());
    std::ranges::copy(work.dy, target_.matrix().data());
    pass_.pool = &pool_;
    pass_.training = true;
  }

  void run() override {
    std::ranges::fill(state_.span(), 0.0f);
    network_.forward(pass_, x_, state_.matrix(), y_, *trace_);
    value_ = static_cast<float>(
        loss_.evaluate(std::as_const(y_).matrix(), std::as_const(target_).matrix(), dy_.matrix()).mean());
    std::ranges::fill(state_.span(), 0.0f);
    std::ranges::fill(gradient_, 0.0f);
    network_.backward(pass_, x_, y_, dy_, state_.matrix(), nullptr, gradient_, *trace_);
    network_.update_weights(
        [&](std::span<float> weights) { optimizer_->step(weights, gradient_, peers::Work::rate); });
    ++pass_.update;
  }
  std::vector<float> result() const override {
    std::vector<float> all{value_};
    all.insert(all.end(), network_.weights().begin(), network_.weights().end());
    return all;
  }

 private:
  carousel::ThreadPool pool_;
  Network<float> network_;
  carousel::CrossEntropy<float> loss_;
  std::unique_ptr<carousel::Optimizer<float>> optimizer_;
  std::unique_ptr<carousel::Trace<float>> trace_;
  carousel::Pass pass_;
  Sequences<float> x_, target_, y_, dy_;
  carousel::Tensor<float> state_;
  std::vector<float> gradient_;
  float value_ = 0;
};

/// DIRECTION limit, not an engine: fused multiply-adds in registers, by as many threads as the work has, each
/// on a processor of its own, all at the same time. Its result is the operations of a pass.
class Limit final : public peers::Engine {
 public:
  explicit Limit(const peers::Work& work) : operations_(work.threads) {
    cpu_set_t all;
    sched_getaffinity(0, sizeof(all), &all);
    for (int processor = 0; processor < CPU_SETSIZE; ++processor)
      if (CPU_ISSET(processor, &all)) processors_.push_back(processor);
    if (processors_.size() < work.threads)
      throw std::runtime_error(
          fmt::format("limit: {} threads need as many processors, got {}", work.threads, processors_.size()));
  }
  void run() override {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < operations_.size(); ++thread)
      threads.emplace_back([this, thread] { work(thread); });
  }
  std::vector<float> result() const override {
    return {std::accumulate(operations_.begin(), operations_.end(), 0.0f)};
  }

 private:
  void work(std::size_t thread) {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(processors_[thread], &own);
    sched_setaffinity(0, sizeof(own), &own);  // of this thread
    operations_[thread] = static_cast<float>(carousel::kernels::multiply_adds_in_registers<float>(kTurns));
  }

  static constexpr std::size_t kTurns =
      8000000;  // starting threads takes less than a hundredth of their time
  std::vector<int> processors_;
  std::vector<float> operations_;
};

std::unique_ptr<peers::Engine> make(const peers::Work& work) {
  if (work.direction == "limit") return std::make_unique<Limit>(work);
  if (work.direction == "characters") return std::make_unique<Characters>(work);
  if (work.for_engines()) return std::make_unique<Carousel>(work);
  throw std::runtime_error("knows inference, training, characters and limit, not " + work.direction);
}

}  // namespace

int main() { return peers::serve(make); }
