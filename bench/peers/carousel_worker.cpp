// Carousel's own network, as Model and the trainer run it.
#include <fmt/format.h>

#include <numeric>

#include "base/thread_pool.h"
#include "kernels/limits.h"
#include "model/network.h"
#include "worker.h"

namespace {

using carousel::Network;
using carousel::Sequences;

class Carousel final : public peers::Engine {
 public:
  explicit Carousel(const peers::Work& work)
      : training_(work.direction == "training"),
        pool_(work.threads),
        network_(spec(work), work.F),
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
  std::span<const float> result() const override {
    if (training_) return gradient_;
    return {y_.matrix().data(), y_.rows() * network_.outputs()};
  }

 private:
  static std::string spec(const peers::Work& work) {
    std::string text;
    const std::string layer = fmt::format("{} {}", work.cell, work.H);
    for (std::size_t l = 0; l < work.layers; ++l)
      text += (l == 0 ? "" : ", ") + (work.directions == 2 ? "bidirectional(" + layer + ")" : layer);
    return text;
  }
  static std::vector<std::size_t> lengths(const peers::Work& work) {
    return std::vector<std::size_t>(work.B, work.T);
  }

  bool training_;
  carousel::ThreadPool pool_;
  Network<float> network_;
  std::unique_ptr<carousel::Trace<float>> trace_;
  carousel::Pass pass_;
  Sequences<float> x_, y_, dy_, dx_;
  carousel::Tensor<float> state_;
  std::vector<float> gradient_;
};

/// Not an engine: fused multiply-adds in registers on every thread. Its result is the operations of a run.
class Limit final : public peers::Engine {
 public:
  explicit Limit(const peers::Work& work) : pool_(work.threads), operations_(work.threads) {}
  void run() override {
    pool_.run(operations_.size(), [this](std::size_t thread) {
      operations_[thread] = static_cast<float>(carousel::kernels::multiply_adds_in_registers<float>(400000));
    });
    total_ = std::accumulate(operations_.begin(), operations_.end(), 0.0f);
  }
  std::span<const float> result() const override { return {&total_, 1}; }

 private:
  carousel::ThreadPool pool_;
  std::vector<float> operations_;
  float total_ = 0;
};

std::unique_ptr<peers::Engine> make(const peers::Work& work) {
  if (work.direction == "limit") return std::make_unique<Limit>(work);
  return std::make_unique<Carousel>(work);
}

}  // namespace

int main() { return peers::serve(make); }
