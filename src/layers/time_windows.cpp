#include "layers/time_windows.h"

#include <algorithm>

#include "layers/check.h"
#include "layers/output_layouts.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

template <class T>
struct TimeWindowsTrace : Trace<T> {
  OutputLayouts layouts;
};

}  // namespace

template <class T>
std::unique_ptr<Trace<T>> TimeWindows<T>::make_trace() const {
  return std::make_unique<TimeWindowsTrace<T>>();
}

template <class T>
template <class Task>
void TimeWindows<T>::each_window(const Pass& pass, const Sequences<T>& x, const SequenceLayout& y,
                                 Task&& task) const {
  // Threads have sequences of their own, because windows may overlap.
  const std::size_t work = y.rows() * std::min(window_, x.layout().time()) * x.features();
  split_work(*pass.pool, y.batch(), work, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b)
      for (std::size_t u = 0; u < y.length(b); ++u) {
        const std::size_t begin = u * stride_;
        task(b, u, begin, begin + std::min(window_, x.layout().length(b) - begin));
      }
  });
}

template <class T>
void TimeWindows<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                             Trace<T>& base) const {
  check_forward(*this, "time_windows.forward", x, View<const T>(state));
  y.reshape(static_cast<TimeWindowsTrace<T>&>(base).layouts.of(*this, x.layout_pointer()), this->outputs());
  each_window(pass, x, y.layout(), [&](std::size_t b, std::size_t u, std::size_t begin, std::size_t end) {
    join(x, b, begin, end, y.at(b, u));
  });
}

template <class T>
void TimeWindows<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                              const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T>,
                              Trace<T>&) const {
  check_backward(*this, "time_windows.backward", x, y, dy, View<const T>(dstate), pass.training);
  if (dx == nullptr) return;
  dx->reshape(x.layout_pointer(), this->inputs());
  dx->fill(T(0));
  each_window(pass, x, y.layout(), [&](std::size_t b, std::size_t u, std::size_t begin, std::size_t end) {
    share_out(x, b, begin, end, y.at(b, u), dy.at(b, u), *dx);
  });
}

template class TimeWindows<float>;
template class TimeWindows<double>;

}  // namespace carousel
