#include "layers/affine_layer.h"

#include "layers/check.h"
#include "layers/work_split.h"
#include "tensor/tensor.h"

namespace carousel {

namespace {

template <class T>
struct AffineTrace : Trace<T> {
  bool kept = false;
  Tensor<T> dpre;  // [rows, outputs], gradient on the affine map's results
  kernels::PackedMatrix<T> packed;
};

}  // namespace

template <class T>
std::unique_ptr<Trace<T>> AffineLayer<T>::make_trace() const {
  return std::make_unique<AffineTrace<T>>();
}

template <class T>
void AffineLayer<T>::map(View<const T> x, View<T> y) const noexcept {
  affine_.map(x, y);
  finish(y);
}

template <class T>
void AffineLayer<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                             Trace<T>& base) const {
  check_forward(*this, "affine.forward", x, View<const T>(state));
  static_cast<AffineTrace<T>&>(base).kept = pass.keeps_trace();
  y.reshape(x.layout_pointer(), this->outputs());
  split_work(*pass.pool, x.rows(), x.rows() * this->inputs() * this->outputs(),
             [&](std::size_t begin, std::size_t end) {
               map(x.matrix().rows(begin, end - begin), y.matrix().rows(begin, end - begin));
             });
}

template <class T>
void AffineLayer<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                              const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                              Trace<T>& base) const {
  AffineTrace<T>& trace = static_cast<AffineTrace<T>&>(base);
  check_backward(*this, "affine.backward", x, y, dy, View<const T>(dstate), trace.kept);
  trace.dpre.resize({x.rows(), this->outputs()});
  const View<T> dpre = trace.dpre.matrix();
  finish_gradient(y.matrix(), dy.matrix(), dpre);
  affine_.add_gradients(*pass.pool, dpre, x.matrix(), gradient, trace.packed);
  if (dx == nullptr) return;
  dx->reshape(x.layout_pointer(), this->inputs());
  affine_.input_gradient(*pass.pool, dpre, dx->matrix());
}

template <class T>
void AffineLayer<T>::step(View<const T> x, View<T>, View<T> y, T*) const noexcept {
  map(x, y);
}

template class AffineLayer<float>;
template class AffineLayer<double>;

}  // namespace carousel
