// Carousel's own network, as Model and the trainer run it.
#include <fmt/format.h>

#include <numeric>

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
  std::span<const float> result() const override {
    if (training_) return gradient_;
    return {y_.matrix().data(), y_.rows() * network_.outputs()};
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
  std::span<const float> result() const override { return {&value_, 1}; }

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
  if (work.direction == "characters") return std::make_unique<Characters>(work);
  return std::make_unique<Carousel>(work);
}

}  // namespace

int main() { return peers::serve(make); }
