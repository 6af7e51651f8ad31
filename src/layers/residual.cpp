#include "layers/residual.h"

#include "layers/check.h"

namespace carousel {

namespace {

template <class T>
struct ResidualTrace : Trace<T> {
  std::unique_ptr<Trace<T>> inner;
  Sequences<T> y;  // of the inner layer
};

template <class T>
void add(std::span<const T> a, std::span<T> b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) b[i] += a[i];
}

}  // namespace

template <class T>
Residual<T>::Residual(LayerPointer<T> inner)
    : Layer<T>(inner->inputs(), inner->outputs()), inner_(std::move(inner)) {
  if (this->inputs() != this->outputs())
    throw SettingError(
        fmt::format("residual: the layers inside turn {} features into {}, but x + y needs equal widths; "
                    "give the last of them {} outputs",
                    this->inputs(), this->outputs(), this->inputs()));
  if (!inner_->keeps_lengths())
    throw SettingError(
        "residual: the layers inside make sequences shorter, but x + y needs equal lengths; put pool, "
        "pyramid "
        "and conv1d with a stride or without padding before or behind it");
}

template <class T>
std::unique_ptr<Trace<T>> Residual<T>::make_trace() const {
  auto trace = std::make_unique<ResidualTrace<T>>();
  trace->inner = inner_->make_trace();
  return trace;
}

template <class T>
void Residual<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                          Trace<T>& base) const {
  ResidualTrace<T>& trace = static_cast<ResidualTrace<T>&>(base);
  inner_->forward(pass, x, state, trace.y, *trace.inner);
  y.reshape(x.layout_pointer(), this->outputs());
  std::ranges::copy(trace.y.values(), y.values().begin());
  add(x.values(), y.values());
}

template <class T>
void Residual<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                           const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                           Trace<T>& base) const {
  ResidualTrace<T>& trace = static_cast<ResidualTrace<T>&>(base);
  check_backward(*this, "residual.backward", x, y, dy, View<const T>(dstate), pass.training);
  inner_->backward(pass, x, trace.y, dy, dstate, dx, gradient, *trace.inner);
  if (dx != nullptr) add(dy.values(), dx->values());
}

template <class T>
void Residual<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  inner_->step(x, state, y, scratch);
  for (std::size_t b = 0; b < x.rows(); ++b) add(x.row_span(b), y.row_span(b));
}

template <class T>
void Residual<T>::recordings(const Trace<T>& base, const std::string& name,
                             std::vector<Recording<T>>& out) const {
  inner_->recordings(*static_cast<const ResidualTrace<T>&>(base).inner, child_name(name, 0), out);
}

template class Residual<float>;
template class Residual<double>;

}  // namespace carousel
