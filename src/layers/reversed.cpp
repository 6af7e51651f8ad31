#include "layers/reversed.h"

#include <algorithm>

#include "layers/check.h"

namespace carousel {

namespace {
template <class T>
struct ReversedTrace : Trace<T> {
  std::unique_ptr<Trace<T>> inner;
  Sequences<T> x, y;    // back to front
  Sequences<T> dy, dx;  // back to front
};
}  // namespace

template <class T>
void reverse_time(const Sequences<T>& in, Sequences<T>& out) {
  out.reshape(in.layout_pointer(), in.features());
  const SequenceLayout& layout = in.layout();
  for (std::size_t b = 0; b < layout.batch(); ++b)
    for (std::size_t t = 0, length = layout.length(b); t < length; ++t)
      std::ranges::copy(in.at(b, t), out.at(b, length - 1 - t).begin());
}

template <class T>
std::unique_ptr<Trace<T>> Reversed<T>::make_trace() const {
  auto trace = std::make_unique<ReversedTrace<T>>();
  trace->inner = inner_->make_trace();
  return trace;
}

template <class T>
void Reversed<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                          Trace<T>& base) const {
  ReversedTrace<T>& trace = static_cast<ReversedTrace<T>&>(base);
  reverse_time(x, trace.x);
  inner_->forward(pass, trace.x, state, trace.y, *trace.inner);
  reverse_time(trace.y, y);
}

template <class T>
void Reversed<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                           const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                           Trace<T>& base) const {
  ReversedTrace<T>& trace = static_cast<ReversedTrace<T>&>(base);
  check_backward(*this, "reversed.backward", x, y, dy, View<const T>(dstate), pass.training);
  reverse_time(dy, trace.dy);
  inner_->backward(pass, trace.x, trace.y, trace.dy, dstate, dx == nullptr ? nullptr : &trace.dx, gradient,
                   *trace.inner);
  if (dx != nullptr) reverse_time(trace.dx, *dx);
}

template <class T>
void Reversed<T>::recordings(const Trace<T>& base, const std::string& name,
                             std::vector<Recording<T>>& out) const {
  inner_->recordings(*static_cast<const ReversedTrace<T>&>(base).inner, child_name(name, 0), out);
}

template void reverse_time(const Sequences<float>&, Sequences<float>&);
template void reverse_time(const Sequences<double>&, Sequences<double>&);
template class Reversed<float>;
template class Reversed<double>;

}  // namespace carousel
