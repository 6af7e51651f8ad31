#include "layers/conv_lstm.h"

#include <algorithm>
#include <cmath>

#include "kernels/lstm_gates.h"
#include "layers/check.h"
#include "layers/conv_lstm_trace.h"
#include "layers/work_split.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Rows;
using kernels::Start;

template <class T>
ConvLstm<T>::ConvLstm(const ConvLstmOptions& options)
    : Layer<T>(options.image.volume() * options.channels,
               Patches(options.image, 1, options.kernel, options.stride, options.dilation, true)
                       .output()
                       .volume() *
                   options.hidden),
      options_(options),
      input_(options.image, options.channels, options.kernel, options.stride, options.dilation, true),
      recurrent_(input_.output(), options.hidden, options.recurrent_kernel, {}, options.recurrent_dilation,
                 true),
      start_(options.learned_start ? state_size() : 0) {}

template <class T>
void ConvLstm<T>::declare(ParameterTable& table, const std::string& name) {
  const std::size_t first = table.all().size();
  W_ = table.add_matrix(name + ".W", gates(), input_.width());
  R_ = table.add_matrix(name + ".R", gates(), recurrent_.width());
  b_ = table.add(name + ".b", {gates()});
  if (options_.peephole) p_ = table.add(name + ".p", {3, this->outputs()});
  size_ = table.size() - W_;
  options_.noise.declare(table, first, std::span(&R_, 1));
  start_.declare(table, name);
}

template <class T>
void ConvLstm<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = options_.hidden, inputs = input_.width(), recurrent = recurrent_.width();
  fill_uniform(weights.subspan(W_, gates() * inputs), glorot_limit(inputs, H), seed, W_);
  fill_uniform(weights.subspan(R_, gates() * recurrent), 1.0 / std::sqrt(static_cast<double>(recurrent)),
               seed, R_);
  const std::span<T> b = weights.subspan(b_, gates());
  std::ranges::fill(b, T(0));
  std::ranges::fill(b.subspan(H, H), static_cast<T>(options_.forget_bias));
  if (options_.peephole)
    fill_uniform(weights.subspan(p_, 3 * this->outputs()), 1.0 / std::sqrt(static_cast<double>(recurrent)),
                 seed, p_);
  start_.initialise(weights);
}

template <class T>
void ConvLstm<T>::pack(std::span<const T> weights, const Packing& packing) {
  W_packed_.pack(weights.data() + W_, gates(), input_.width(), 4, packing);
  R_packed_.pack(weights.data() + R_, gates(), recurrent_.width(), 4, packing);
  const auto copy = [&](std::size_t offset, std::size_t count, AlignedVector<T>& to) {
    to.assign(weights.begin() + offset, weights.begin() + offset + count);
  };
  copy(b_, gates(), bias_);
  if (options_.peephole) copy(p_, 3 * this->outputs(), peepholes_);
}

template <class T>
std::unique_ptr<Trace<T>> ConvLstm<T>::make_trace() const {
  return std::make_unique<ConvLstmTrace<T>>();
}

template <class T>
kernels::LstmPolicy ConvLstm<T>::policy() const noexcept {
  const bool current = options_.output_peephole == OutputPeephole::current;
  kernels::LstmPolicy policy;
  policy.state.peephole = options_.peephole;
  policy.output.peephole = options_.peephole && current;
  return policy;
}

template <class T>
void ConvLstm<T>::forward_image(const Image& at, T* windows, T* gates_of_block) const noexcept {
  const std::size_t H = options_.hidden, P = positions();
  for (std::size_t begin = 0; begin < P; begin += kConvLstmBlock) {
    const std::size_t count = std::min(kConvLstmBlock, P - begin), first = begin * H;
    T* const block = at.gates != nullptr ? at.gates + begin * gates() : gates_of_block;
    const View<T> rows(block, count, gates());
    input_.gather(at.x, begin, begin + count, windows);
    product(View<const T>(windows, count, input_.width()), W_packed_.forward, rows, Start::bias, {}, nullptr,
            bias_.data());
    if (options_.peephole && options_.output_peephole == OutputPeephole::previous)
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t h = 0; h < H; ++h) {
          const std::size_t j = first + r * H + h;
          rows(r, 3 * H + h) += peepholes_[2 * this->outputs() + j] * at.c_before[j];
        }
    kernels::LstmForward<T> arithmetic = kernels::plain_lstm_forward<T>(
        H, {block, gates()}, {at.c_before + first, H}, {at.c + first, H}, {at.h + first, H});
    arithmetic.policy = policy();
    const Rows<const T> p{peepholes_.data() + (options_.peephole ? first : 0), H};
    arithmetic.p_i = p;
    arithmetic.p_f = p.from(options_.peephole ? this->outputs() : 0);
    arithmetic.p_o = p.from(options_.peephole ? 2 * this->outputs() : 0);
    const kernels::Epilogue epilogue{
        [](const void* of, std::size_t row, std::size_t n, std::size_t unit, std::size_t units) noexcept {
          kernels::lstm_gates_forward(*static_cast<const kernels::LstmForward<T>*>(of), row, n, unit, units);
        },
        &arithmetic};
    recurrent_.gather(at.h_before, begin, begin + count, windows);
    product(View<const T>(windows, count, recurrent_.width()), R_packed_.forward, rows, Start::accumulate, {},
            &epilogue);
  }
}

template <class T>
void ConvLstm<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                          Trace<T>& base) const {
  check_forward(*this, "conv_lstm.forward", x, View<const T>(state));
  ConvLstmTrace<T>& trace = static_cast<ConvLstmTrace<T>&>(base);
  const SequenceLayout& layout = x.layout();
  const std::size_t O = this->outputs();
  trace.kept = pass.keeps_trace();
  trace.layout = x.layout_pointer();
  trace.initial.resize({layout.batch(), 2 * O});
  trace.gates.resize({trace.kept ? layout.rows() : 0, positions() * gates()});
  trace.c.resize({trace.kept ? layout.rows() : layout.batch(), O});
  y.reshape(x.layout_pointer(), O);
  const std::size_t parts = work_parts(
      *pass.pool, layout.batch(), x.rows() * positions() * gates() * (input_.width() + recurrent_.width()));
  trace.prepare(parts, std::max(input_.width(), recurrent_.width()), gates());
  split_slots_by_part(*pass.pool, layout, parts, [&](std::size_t part, std::size_t begin, std::size_t end) {
    for (std::size_t slot = begin; slot < end; ++slot)
      forward_sequence(x, slot, state, y, trace, trace.buffers[part]);
  });
}

template <class T>
void ConvLstm<T>::forward_sequence(const Sequences<T>& x, std::size_t slot, View<T> state, Sequences<T>& y,
                                   ConvLstmTrace<T>& trace, ConvLstmBuffers<T>& buffers) const {
  const SequenceLayout& layout = x.layout();
  const std::size_t b = layout.sequence(slot), length = layout.length(b), O = this->outputs();
  T* const initial = trace.initial.matrix().row(slot);
  std::copy_n(state.row(b), 2 * O, initial);
  T* c = trace.kept ? nullptr : trace.c.matrix().row(slot);
  if (c != nullptr) std::copy_n(initial + O, O, c);
  for (std::size_t t = 0; t < length; ++t) {
    const std::size_t row = layout.row(b, t), before = t == 0 ? 0 : layout.row(b, t - 1);
    Image at{.x = x.matrix().row(row),
             .h_before = t == 0 ? initial : y.matrix().row(before),
             .c_before = c,
             .c = c,
             .h = y.matrix().row(row),
             .gates = nullptr};
    if (trace.kept) {
      at.gates = trace.gates.matrix().row(row);
      at.c = trace.c.matrix().row(row);
      at.c_before = t == 0 ? initial + O : trace.c.matrix().row(before);
    }
    forward_image(at, buffers.windows.data(), buffers.gates.data());
    if (t + 1 < length) continue;
    std::copy_n(at.h, O, state.row(b));
    std::copy_n(at.c, O, state.row(b) + O);
  }
}

template <class T>
void ConvLstm<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t O = this->outputs();
  T* const gates_of_block = scratch + kConvLstmBlock * std::max(input_.width(), recurrent_.width());
  for (std::size_t b = 0; b < x.rows(); ++b) {
    T *const h = state.row(b), *const c = h + O;
    forward_image({.x = x.row(b), .h_before = h, .c_before = c, .c = c, .h = y.row(b), .gates = nullptr},
                  scratch, gates_of_block);
    std::copy_n(y.row(b), O, h);
  }
}

template <class T>
std::size_t ConvLstm<T>::step_scratch(std::size_t batch) const noexcept {
  return batch * kConvLstmBlock * (std::max(input_.width(), recurrent_.width()) + gates());
}

template <class T>
void ConvLstm<T>::recordings(const Trace<T>& base, const std::string& name,
                             std::vector<Recording<T>>& out) const {
  const ConvLstmTrace<T>& trace = static_cast<const ConvLstmTrace<T>&>(base);
  if (trace.kept) out.push_back({name + ".c", trace.c.matrix(), trace.layout});
}

template class ConvLstm<float>;
template class ConvLstm<double>;

}  // namespace carousel
