#include "layers/stack.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/pipeline.h"
#include "layers/check.h"

namespace carousel {

namespace {

constexpr std::size_t kMostBlockSteps = 96;

// Multiply-adds of a pass below which layers side by side cost more than they bring: their threads meet once
// a block.
constexpr std::size_t kWorthAPipeline = 1 << 21;

template <class T>
struct StackTrace : Trace<T> {
  std::vector<std::unique_ptr<Trace<T>>> layers;
  std::vector<Sequences<T>> y;  // of every layer but the last
  Sequences<T> gradients[2];    // between layers, by turns
  // One sequence by blocks of steps, layers side by side.
  Pipeline pipeline;
  std::array<LayoutPointer, kMostBlockSteps + 1> layouts;  // of a block of so many steps, once there was one
  std::vector<Sequences<T>> x_block, y_block;              // of every layer
};

/// Steps of a block: few enough that the last layer soon begins, enough that beginning a block costs little.
std::size_t steps_of_block(std::size_t time) {
  return std::clamp<std::size_t>(time / 12, 8, kMostBlockSteps);
}

/// One sequence of so many steps.
template <class T>
LayoutPointer block_layout(std::size_t steps, StackTrace<T>& trace) {
  LayoutPointer& layout = trace.layouts[steps];
  if (layout == nullptr) layout = std::make_shared<SequenceLayout>(std::vector<std::size_t>{steps});
  return layout;
}
}  // namespace

template <class T>
Stack<T>::Stack(std::vector<LayerPointer<T>> layers)
    : Layer<T>(layers.front()->inputs(), layers.back()->outputs()),
      layers_(std::move(layers)),
      state_begin_{0} {
  for (const auto& layer : layers_) state_begin_.push_back(state_begin_.back() + layer->state_size());
}

template <class T>
std::vector<const Layer<T>*> Stack<T>::children() const {
  std::vector<const Layer<T>*> result;
  for (const auto& layer : layers_) result.push_back(layer.get());
  return result;
}

template <class T>
void Stack<T>::declare(ParameterTable& table, const std::string& name) {
  const std::size_t before = table.all().size();
  for (std::size_t i = 0; i < layers_.size(); ++i) layers_[i]->declare(table, this->child_name(name, i));
  for (const Parameter& parameter : std::span(table.all()).subspan(before))
    if (parameter.matrix) multiply_adds_ += parameter.shape.size();
}

template <class T>
void Stack<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  for (const auto& layer : layers_) layer->initialise(weights, seed);
}

template <class T>
void Stack<T>::pack(std::span<const T> weights, const Packing& packing) {
  for (const auto& layer : layers_) layer->pack(weights, packing);
}

template <class T>
bool Stack<T>::causal() const noexcept {
  return std::ranges::all_of(layers_, [](const auto& layer) { return layer->causal(); });
}

template <class T>
std::size_t Stack<T>::output_length(std::size_t steps) const noexcept {
  for (const auto& layer : layers_) steps = layer->output_length(steps);
  return steps;
}

template <class T>
PassSchedule Stack<T>::schedule(const Load& load) const {
  PassSchedule most = layers_.front()->schedule(load);
  for (const auto& layer : layers_)
    if (const PassSchedule s = layer->schedule(load); s.threads > most.threads) most = s;
  const auto remembering = std::ranges::count_if(layers_, [](const auto& l) { return l->state_size() > 0; });
  const bool side_by_side = load.threads > 1 && load.batch == 1 && !load.keeps_trace && causal() &&
                            remembering > 1 && most.threads == 1;
  return side_by_side ? PassSchedule{SharedBy::layers, std::min(load.threads, layers_.size())} : most;
}

template <class T>
std::unique_ptr<Trace<T>> Stack<T>::make_trace() const {
  auto trace = std::make_unique<StackTrace<T>>();
  for (const auto& layer : layers_) trace->layers.push_back(layer->make_trace());
  trace->y.resize(layers_.size() - 1);
  trace->x_block.resize(layers_.size());
  trace->y_block.resize(layers_.size());
  return trace;
}

template <class T>
void Stack<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& base) const {
  check_forward(*this, "stack.forward", x, View<const T>(state));
  auto& trace = static_cast<StackTrace<T>&>(base);
  const std::size_t last = layers_.size() - 1;
  if (worth_a_pipeline(pass, x.layout())) return forward_by_layers(pass, x, state, y, base);
  for (std::size_t i = 0; i <= last; ++i)
    layers_[i]->forward(pass, i == 0 ? x : trace.y[i - 1], state_of(state, i), i == last ? y : trace.y[i],
                        *trace.layers[i]);
}

template <class T>
bool Stack<T>::worth_a_pipeline(const Pass& pass, const SequenceLayout& layout) const {
  // Also where the pool has one thread for now: the other way would need buffers of its own.
  return schedule(pass.load(layout.batch())).by == SharedBy::layers &&
         layout.time() >= 2 * steps_of_block(layout.time()) &&
         layout.time() * multiply_adds_ >= kWorthAPipeline;
}

template <class T>
void Stack<T>::forward_by_layers(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                                 Trace<T>& base) const {
  auto& trace = static_cast<StackTrace<T>&>(base);
  const std::size_t time = x.layout().time(), steps = steps_of_block(time), count = layers_.size();
  const std::size_t blocks = (time + steps - 1) / steps;
  const LayoutPointer block_of = block_layout(steps, trace),
                      last_block = block_layout(time - (blocks - 1) * steps, trace);
  for (std::size_t i = 0; i < count; ++i)
    (i + 1 == count ? y : trace.y[i]).reshape(x.layout_pointer(), layers_[i]->outputs());
  trace.pipeline.run(*pass.pool, count, blocks, [&](std::size_t i, std::size_t block) {
    const Sequences<T>& from = i == 0 ? x : trace.y[i - 1];
    Sequences<T>& to = i + 1 == count ? y : trace.y[i];
    Sequences<T>& input = trace.x_block[i];
    input.reshape(block + 1 == blocks ? last_block : block_of, from.features());
    const std::size_t rows = input.rows();
    std::copy_n(from.matrix().row(block * steps), rows * from.features(), input.values().data());
    layers_[i]->forward(pass, input, state_of(state, i), trace.y_block[i], *trace.layers[i]);
    std::copy_n(trace.y_block[i].values().data(), rows * to.features(), to.matrix().row(block * steps));
  });
}

template <class T>
void Stack<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                        const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                        Trace<T>& base) const {
  auto& trace = static_cast<StackTrace<T>&>(base);
  check_backward(*this, "stack.backward", x, y, dy, View<const T>(dstate), pass.training);
  const std::size_t last = layers_.size() - 1;
  for (std::size_t i = last + 1; i-- > 0;) {
    const Sequences<T>& above = i == last ? dy : trace.gradients[(i + 1) % 2];
    Sequences<T>* below = i == 0 ? dx : &trace.gradients[i % 2];
    layers_[i]->backward(pass, i == 0 ? x : trace.y[i - 1], i == last ? y : trace.y[i], above,
                         state_of(dstate, i), below, gradient, *trace.layers[i]);
  }
}

template <class T>
std::size_t Stack<T>::widest() const noexcept {
  std::size_t width = 0;
  for (const auto& layer : layers_) width = std::max(width, layer->outputs());
  return width;
}

template <class T>
std::size_t Stack<T>::step_scratch(std::size_t batch) const noexcept {
  std::size_t inner = 0;
  for (const auto& layer : layers_) inner = std::max(inner, layer->step_scratch(batch));
  return 2 * batch * widest() + inner;
}

template <class T>
void Stack<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t B = x.rows(), buffer = B * widest(), last = layers_.size() - 1;
  View<const T> input = x;
  for (std::size_t i = 0; i <= last; ++i) {
    const View<T> output = i == last ? y : View<T>(scratch + (i % 2) * buffer, B, layers_[i]->outputs());
    layers_[i]->step(input, state_of(state, i), output, scratch + 2 * buffer);
    input = output;
  }
}

template <class T>
void Stack<T>::recordings(const Trace<T>& base, const std::string& name,
                          std::vector<Recording<T>>& out) const {
  const auto& trace = static_cast<const StackTrace<T>&>(base);
  for (std::size_t i = 0; i < layers_.size(); ++i)
    layers_[i]->recordings(*trace.layers[i], this->child_name(name, i), out);
}

template <class T>
std::string Stack<T>::first_non_finite(const std::string& name, const Sequences<T>& y,
                                       const Trace<T>& trace) const {
  const auto finite = [](T v) { return std::isfinite(v); };
  for (std::size_t i = 0; i < layers_.size(); ++i)
    if (!std::ranges::all_of((i + 1 == layers_.size() ? y : output(trace, i)).values(), finite))
      return this->child_name(name, i) + " (" + layers_[i]->kind() + ")";
  return "";
}

template <class T>
const Sequences<T>& Stack<T>::output(const Trace<T>& trace, std::size_t index) const {
  return static_cast<const StackTrace<T>&>(trace).y[index];
}

template class Stack<float>;
template class Stack<double>;

}  // namespace carousel
