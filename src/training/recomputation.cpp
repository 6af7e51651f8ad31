#include "training/recomputation.h"

#include <algorithm>
#include <cmath>

namespace carousel {

namespace {

/// Copies a stretch's steps to where they belong, from step `first` on.
template <class T>
void put_back(const Sequences<T>& stretch, std::size_t first, Sequences<T>& whole) {
  for (std::size_t b = 0; b < stretch.layout().batch(); ++b)
    for (std::size_t t = 0; t < stretch.layout().length(b); ++t)
      std::ranges::copy(stretch.at(b, t), whole.at(b, first + t).begin());
}

}  // namespace

template <class T>
void Recomputation<T>::lay_out(const LayoutPointer& whole) {
  if (whole_ != nullptr && *whole_ == *whole) return;
  whole_ = whole;
  const std::size_t time = whole->time();
  steps_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(time))));
  stretches_.clear();
  do stretches_.push_back(slice_layout(*whole, stretches_.size() * steps_, (stretches_.size() + 1) * steps_));
  while (stretches_.size() * steps_ < time);
  states_.resize(stretches_.size());
}

template <class T>
void Recomputation<T>::make(const Network<T>& network, Pass& pass, const Sequences<T>& x, std::size_t stretch,
                            View<T> state, Trace<T>& trace) {
  pass.first_step = stretch * steps_;
  x_.reshape(stretches_[stretch], x.features());
  copy_steps(x, pass.first_step, x_);
  network.forward(pass, x_, state, y_, trace);
}

template <class T>
void Recomputation<T>::forward(const Network<T>& network, Pass pass, const Sequences<T>& x, View<T> state,
                               Sequences<T>& y, Trace<T>& trace) {
  lay_out(x.layout_pointer());
  y.reshape(x.layout_pointer(), network.outputs());
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i].resize({state.rows(), state.columns()});
    for (std::size_t b = 0; b < state.rows(); ++b)
      std::ranges::copy(state.row_span(b), states_[i].matrix().row(b));
    make(network, pass, x, i, state, trace);
    put_back(y_, i * steps_, y);
  }
}

template <class T>
void Recomputation<T>::backward(const Network<T>& network, Pass pass, const Sequences<T>& x,
                                const Sequences<T>& dy, View<T> dstate, std::span<T> gradient,
                                Trace<T>& trace) {
  for (std::size_t i = states_.size(); i-- > 0;) {
    // The trace of the last stretch is there, for forward ended with it.
    if (i + 1 < states_.size()) make(network, pass, x, i, states_[i].matrix(), trace);
    pass.first_step = i * steps_;
    dy_.reshape(stretches_[i], dy.features());
    copy_steps(dy, pass.first_step, dy_);
    network.backward(pass, x_, y_, dy_, dstate, nullptr, gradient, trace);
  }
}

template class Recomputation<float>;
template class Recomputation<double>;

}  // namespace carousel
