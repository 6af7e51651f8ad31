// Carousel's own network, as Model and the trainer run it.
#include <fmt/format.h>

#include <limits>

#include "base/thread_pool.h"
#include "losses/cross_entropy.h"
#include "model/network.h"
#include "tasks/benchmark_work.h"
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

/// The spec of the work's network.
std::string layers(const peers::Work& work) {
  if (!work.whole_model()) return recurrent_layers(work);
  return fmt::format("embedding {0} {1}, {2}, dense {0}", work.symbols, work.F, recurrent_layers(work));
}

class Carousel final : public peers::Engine {
 public:
  explicit Carousel(const peers::Work& work)
      : training_(work.direction == "training"),
        pool_(work.threads),
        network_(layers(work), work.F),
        trace_(network_.make_trace()),
        x_(lengths(work), work.F),
        dy_(x_.layout_pointer(), network_.outputs()),
        state_({work.B, network_.state_size()}),
        gradient_(network_.weights().size()) {
    network_.set_weights(work.weights);
    if (!work.variant.empty()) network_.pack({carousel::parse_weight_format("variant", work.variant), false});
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

/// One step at a time, as a stream runs it.
class Streamed final : public peers::Engine {
 public:
  explicit Streamed(const peers::Work& work)
      : network_(layers(work), work.F),
        x_(lengths(work), work.F),
        y_(x_.layout_pointer(), network_.outputs()),
        state_({work.B, network_.state_size()}),
        scratch_(network_.step_scratch(work.B)) {
    network_.set_weights(work.weights);
    if (!work.variant.empty()) network_.pack({carousel::parse_weight_format("variant", work.variant), false});
    std::ranges::copy(work.x, x_.matrix().data());
  }
  void run() override {
    state_.fill(0);
    for (std::size_t t = 0; t < x_.layout().time(); ++t)
      network_.step(std::as_const(x_).step(t), state_.matrix(), y_.step(t), scratch_.data());
  }
  std::vector<float> result() const override { return {y_.values().begin(), y_.values().end()}; }

 private:
  Network<float> network_;
  Sequences<float> x_, y_;
  carousel::Tensor<float> state_;
  carousel::AlignedVector<float> scratch_;
};

/// Updates of a whole model of characters.
class Characters final : public peers::Engine {
 public:
  explicit Characters(const peers::Work& work)
      : pool_(work.threads),
        network_(layers(work), 1),
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

/// Variant limit, not an engine: its result is the least time in seconds that the limits of this machine
/// leave for a pass, by the best measurements of all runs. The bench command's own yardstick.
class Limit final : public peers::Engine {
 public:
  explicit Limit(const peers::Work& work)
      : threads_(work.threads), meter_(work.threads, carousel::data_caches()) {
    const Network<float> network(layers(work), work.whole_model() ? 1 : work.F);
    products_ = carousel::products_of({kind(work), work.B, work.T, work.F, ""}, network.parameters());
  }
  void run() override {
    meter_.measure_operations();
    meter_.measure_levels();
    least_seconds_ = std::min(least_seconds_, carousel::least_seconds(products_, meter_.limits(), threads_));
  }
  std::vector<float> result() const override { return {static_cast<float>(least_seconds_)}; }

 private:
  using Kind = carousel::BenchmarkWork::Kind;
  static Kind kind(const peers::Work& work) {
    if (work.direction == "stream") return Kind::step;
    return work.forward_only() ? Kind::inference : Kind::training;
  }

  std::size_t threads_;
  carousel::LimitMeter meter_;
  std::vector<carousel::WorkProduct> products_;
  double least_seconds_ = std::numeric_limits<double>::infinity();
};

std::unique_ptr<peers::Engine> make(const peers::Work& work) {
  if (!work.for_engines())
    throw std::runtime_error("knows inference, stream, training and characters, not " + work.direction);
  if (work.variant == "limit") return std::make_unique<Limit>(work);
  if (work.direction == "stream") return std::make_unique<Streamed>(work);
  if (work.whole_model()) return std::make_unique<Characters>(work);
  return std::make_unique<Carousel>(work);
}

}  // namespace

int main() { return peers::serve(make); }
