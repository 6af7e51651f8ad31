#include "layers/bidirectional.h"

#include "layers/check.h"
#include "layers/reversed.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

template <class T>
struct BidirectionalTrace : Trace<T> {
  std::unique_ptr<Trace<T>> forward, backward;
  Sequences<T> y_forward, y_backward;
  Sequences<T> dy_forward, dy_backward, dx_backward;
};

/// y from both directions' outputs: side by side, or (a + b) * scale.
template <class T>
void merge(Merge how, const Sequences<T>& a, const Sequences<T>& b, Sequences<T>& y) {
  const std::size_t H = a.features();
  const T scale = how == Merge::mean ? T(0.5) : T(1);
  for (std::size_t r = 0; r < a.rows(); ++r) {
    const T *from_a = a.matrix().row(r), *from_b = b.matrix().row(r);
    T* to = y.matrix().row(r);
    if (how == Merge::concat) {
      std::copy_n(from_b, H, std::copy_n(from_a, H, to));
    } else {
      for (std::size_t h = 0; h < H; ++h) to[h] = (from_a[h] + from_b[h]) * scale;
    }
  }
}

template <class T>
void split_gradient(Merge how, const Sequences<T>& dy, Sequences<T>& da, Sequences<T>& db) {
  const std::size_t H = da.features();
  const T scale = how == Merge::mean ? T(0.5) : T(1);
  for (std::size_t r = 0; r < dy.rows(); ++r) {
    const T* from = dy.matrix().row(r);
    T *to_a = da.matrix().row(r), *to_b = db.matrix().row(r);
    for (std::size_t h = 0; h < H; ++h) {
      to_a[h] = from[h] * scale;
      to_b[h] = (how == Merge::concat ? from[H + h] : from[h]) * scale;
    }
  }
}

}  // namespace

const std::vector<std::string>& merge_names() {
  static const std::vector<std::string> names = {"concat", "sum", "mean"};
  return names;
}

template <class T>
Bidirectional<T>::Bidirectional(LayerPointer<T> forward, LayerPointer<T> backward, Merge how)
    : Layer<T>(forward->inputs(), forward->outputs() * (how == Merge::concat ? 2 : 1)),
      forward_(std::move(forward)),
      backward_(std::make_unique<Reversed<T>>(std::move(backward))),
      merge_(how) {}

template <class T>
std::string Bidirectional<T>::description() const {
  return fmt::format("bidirectional, merged by {}", merge_names()[static_cast<std::size_t>(merge_)]);
}

template <class T>
void Bidirectional<T>::declare(ParameterTable& table, const std::string& name) {
  forward_->declare(table, child_name(name, 0));
  backward_->declare(table, child_name(name, 1));
}

template <class T>
void Bidirectional<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  forward_->initialise(weights, seed);
  backward_->initialise(weights, seed);
}

template <class T>
void Bidirectional<T>::pack(std::span<const T> weights, const Packing& packing) {
  forward_->pack(weights, packing);
  backward_->pack(weights, packing);
}

template <class T>
std::unique_ptr<Trace<T>> Bidirectional<T>::make_trace() const {
  auto trace = std::make_unique<BidirectionalTrace<T>>();
  trace->forward = forward_->make_trace();
  trace->backward = backward_->make_trace();
  return trace;
}

template <class T>
PassSchedule Bidirectional<T>::schedule(const Load& load) const {
  const PassSchedule inner = forward_->schedule(load);
  return load.threads > 1 && inner.threads <= 2 ? PassSchedule{SharedBy::directions, 2} : inner;
}

template <class T>
template <class Task>
void Bidirectional<T>::both(const Pass& pass, const SequenceLayout& layout, Task&& task) const {
  const std::size_t H = forward_->outputs(), work = 2 * layout.rows() * H * (forward_->inputs() + H);
  const bool apart = schedule(pass.load(layout.batch())).by == SharedBy::directions;
  if (apart && work_parts(*pass.pool, 2, work) == 2) return pass.pool->run(2, task);
  task(0);
  task(1);
}

template <class T>
void Bidirectional<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                               Trace<T>& base) const {
  check_forward(*this, "bidirectional.forward", x, View<const T>(state));
  auto& trace = static_cast<BidirectionalTrace<T>&>(base);
  const std::size_t S = forward_->state_size();
  both(pass, x.layout(), [&](std::size_t direction) {
    if (direction == 0)
      forward_->forward(pass, x, state.columns(0, S), trace.y_forward, *trace.forward);
    else
      backward_->forward(pass, x, state.columns(S, backward_->state_size()), trace.y_backward,
                         *trace.backward);
  });
  y.reshape(trace.y_forward.layout_pointer(), this->outputs());
  merge(merge_, trace.y_forward, trace.y_backward, y);
}

template <class T>
void Bidirectional<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                                const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx,
                                std::span<T> gradient, Trace<T>& base) const {
  auto& trace = static_cast<BidirectionalTrace<T>&>(base);
  check_backward(*this, "bidirectional.backward", x, y, dy, View<const T>(dstate), pass.training);
  const std::size_t S = forward_->state_size();
  trace.dy_forward.reshape(dy.layout_pointer(), forward_->outputs());
  trace.dy_backward.reshape(dy.layout_pointer(), forward_->outputs());
  split_gradient(merge_, dy, trace.dy_forward, trace.dy_backward);
  both(pass, x.layout(), [&](std::size_t direction) {
    if (direction == 0)
      forward_->backward(pass, x, trace.y_forward, trace.dy_forward, dstate.columns(0, S), dx, gradient,
                         *trace.forward);
    else
      backward_->backward(pass, x, trace.y_backward, trace.dy_backward,
                          dstate.columns(S, backward_->state_size()),
                          dx == nullptr ? nullptr : &trace.dx_backward, gradient, *trace.backward);
  });
  if (dx == nullptr) return;
  const std::span<T> sum = dx->values();
  const std::span<const T> more = std::as_const(trace.dx_backward).values();
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}

template <class T>
void Bidirectional<T>::recordings(const Trace<T>& base, const std::string& name,
                                  std::vector<Recording<T>>& out) const {
  const auto& trace = static_cast<const BidirectionalTrace<T>&>(base);
  forward_->recordings(*trace.forward, child_name(name, 0), out);
  backward_->recordings(*trace.backward, child_name(name, 1), out);
}

template class Bidirectional<float>;
template class Bidirectional<double>;

}  // namespace carousel
