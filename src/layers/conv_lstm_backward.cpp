// The convolutional LSTM back through time.
#include <algorithm>

#include "kernels/lstm_gates.h"
#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/conv_lstm.h"
#include "layers/conv_lstm_trace.h"
#include "layers/slots.h"
#include "layers/work_split.h"

namespace carousel {

using kernels::Rows;
using kernels::Start;

template <class T>
void ConvLstm<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                           const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                           Trace<T>& base) const {
  ConvLstmTrace<T>& trace = static_cast<ConvLstmTrace<T>&>(base);
  check_backward(*this, "conv_lstm.backward", x, y, dy, View<const T>(dstate), trace.kept);
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch();
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  trace.gradients.resize({B, size_});
  trace.gradients.fill(T(0));
  const std::size_t parts =
      work_parts(*pass.pool, B, 3 * x.rows() * positions() * gates() * (input_.width() + recurrent_.width()));
  trace.prepare(parts, std::max(input_.width(), recurrent_.width()), gates());
  split_slots_by_part(*pass.pool, layout, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
    for (std::size_t slot = begin; slot < end; ++slot)
      backward_sequence(pass, {x, y, dy, dx}, slot, dstate, trace, trace.buffers[part]);
  });
  for (std::size_t slot = 0; slot < B; ++slot) {
    const T* const part = trace.gradients.matrix().row(layout.sequence(slot));
    for (std::size_t j = 0; j < size_; ++j) gradient[W_ + j] += part[j];
  }
}

template <class T>
void ConvLstm<T>::backward_sequence(const Pass& pass, const Whole& of, std::size_t slot, View<T> dstate,
                                    ConvLstmTrace<T>& trace, ConvLstmBuffers<T>& buffers) const {
  const SequenceLayout& layout = of.x.layout();
  const std::size_t b = layout.sequence(slot), O = this->outputs();
  const T* const initial = trace.initial.matrix().row(slot);
  T *const d_hidden = dstate.row(b), *const dc = d_hidden + O;
  buffers.dh.assign(d_hidden, d_hidden + O);
  buffers.dh_before.resize(O);
  for (std::size_t t = layout.length(b); t-- > 0;) {
    const std::size_t row = layout.row(b, t), before = t == 0 ? 0 : layout.row(b, t - 1);
    const T* const above = of.dy.matrix().row(row);
    for (std::size_t j = 0; j < O; ++j) buffers.dh[j] += above[j];
    std::ranges::fill(buffers.dh_before, T(0));
    T* const below = of.dx != nullptr ? of.dx->matrix().row(row) : nullptr;
    if (below != nullptr) std::fill_n(below, this->inputs(), T(0));
    backward_image({.x = of.x.matrix().row(row),
                    .h_before = t == 0 ? initial : of.y.matrix().row(before),
                    .c_before = t == 0 ? initial + O : trace.c.matrix().row(before),
                    .c = trace.c.matrix().row(row),
                    .gates = trace.gates.matrix().row(row),
                    .dc = dc,
                    .dx = below},
                   trace.gradients.matrix().row(b), buffers);
    std::swap(buffers.dh, buffers.dh_before);
    if (truncates(pass, t)) {
      std::ranges::fill(buffers.dh, T(0));
      std::fill_n(dc, O, T(0));
    }
  }
  std::ranges::copy(buffers.dh, d_hidden);
}

template <class T>
void ConvLstm<T>::backward_image(const ImageBack& at, T* gradient, ConvLstmBuffers<T>& buffers) const {
  const std::size_t P = positions(), G = gates();
  T* const windows = buffers.windows.data();
  for (std::size_t begin = 0; begin < P; begin += kConvLstmBlock) {
    const std::size_t count = std::min(kConvLstmBlock, P - begin);
    const View<T> dgates(buffers.gates.data(), count, G);
    gates_backward(at, begin, count, dgates, buffers);
    if (options_.peephole) add_peephole_gradients(at, begin, dgates, gradient);
    kernels::add_column_sums(dgates.data(), count, G, G, gradient + (b_ - W_));
    const auto add_weights = [&](const Patches& patches, const T* image, T* to) {
      patches.gather(image, begin, begin + count, windows);
      buffers.packed.pack(windows, count, patches.width(), patches.width(), 1);
      gemm(G, kernels::LeftMatrix<T>{dgates.data(), 1, G}, buffers.packed, to, patches.width(),
           Start::accumulate);
    };
    add_weights(input_, at.x, gradient);
    add_weights(recurrent_, at.h_before, gradient + (R_ - W_));
    const auto to_image = [&](const Patches& patches, const Factor<T>& weights, T* image) {
      product(View<const T>(dgates), weights.back, View<T>(windows, count, patches.width()), Start::zero, {});
      patches.scatter_add(windows, begin, begin + count, image);
    };
    to_image(recurrent_, R_packed_, buffers.dh_before.data());
    if (at.dx != nullptr) to_image(input_, W_packed_, at.dx);
  }
}

template <class T>
void ConvLstm<T>::gates_backward(const ImageBack& at, std::size_t begin, std::size_t count, View<T> dgates,
                                 ConvLstmBuffers<T>& buffers) const noexcept {
  const std::size_t H = options_.hidden, O = this->outputs(), G = gates(), first = begin * H;
  kernels::LstmBackward<T> arithmetic = kernels::plain_lstm_backward<T>(
      H, {at.gates + begin * G, G}, {at.c_before + first, H}, {at.c + first, H},
      {buffers.dh.data() + first, H}, {at.dc + first, H}, {dgates.data(), G});
  arithmetic.policy = policy();
  const Rows<const T> p{peepholes_.data() + (options_.peephole ? first : 0), H};
  arithmetic.p_i = p;
  arithmetic.p_f = p.from(options_.peephole ? O : 0);
  arithmetic.p_o = p.from(options_.peephole ? 2 * O : 0);
  kernels::lstm_gates_backward(arithmetic, 0, count, 0, H);
  if (!options_.peephole || options_.output_peephole == OutputPeephole::current) return;
  for (std::size_t r = 0; r < count; ++r)
    for (std::size_t h = 0; h < H; ++h)
      at.dc[first + r * H + h] += peepholes_[2 * O + first + r * H + h] * dgates(r, 3 * H + h);
}

template <class T>
void ConvLstm<T>::add_peephole_gradients(const ImageBack& at, std::size_t begin, View<const T> dgates,
                                         T* gradient) const noexcept {
  const std::size_t H = options_.hidden, O = this->outputs();
  const T* const seen_by_o = options_.output_peephole == OutputPeephole::current ? at.c : at.c_before;
  T* const p = gradient + (p_ - W_);
  for (std::size_t r = 0; r < dgates.rows(); ++r)
    for (std::size_t h = 0; h < H; ++h) {
      const std::size_t j = (begin + r) * H + h;
      p[j] += dgates(r, h) * at.c_before[j];
      p[O + j] += dgates(r, H + h) * at.c_before[j];
      p[2 * O + j] += dgates(r, 3 * H + h) * seen_by_o[j];
    }
}

template class ConvLstm<float>;
template class ConvLstm<double>;

}  // namespace carousel
