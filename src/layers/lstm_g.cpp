#include "layers/lstm_g.h"

#include <fmt/format.h>

#include <algorithm>

#include "layers/check.h"
#include "layers/links.h"
#include "layers/wiring_text.h"
#include "layers/work_split.h"

namespace carousel {

template <class T>
struct LstmGTrace : Trace<T> {
  bool kept = false;
  LayoutPointer layout;
  Tensor<T> values;  // [B + rows, width] the initial states, then each row; not kept: [2 B, width] by turns
  Tensor<T> d, d_before;  // [B, width] gradient on the values of the step at hand, and of the one before
  Tensor<T> ds;           // [rows, units]

  /// The values of step t of a slot; of the initial state where t is step 0's predecessor.
  T* at(std::size_t steps_done, std::size_t slot) noexcept {
    return values.matrix().row(kept ? kept_row(steps_done, slot) : steps_done % 2 * layout->batch() + slot);
  }
  const T* kept_at(std::size_t steps_done, std::size_t slot) const noexcept {
    return values.matrix().row(kept_row(steps_done, slot));
  }

 private:
  std::size_t kept_row(std::size_t steps_done, std::size_t slot) const noexcept {
    return (steps_done == 0 ? 0 : layout->batch() + layout->first_row(steps_done - 1)) + slot;
  }
};

template <class T>
LstmG<T>::LstmG(Circuit circuit, bool learned_start, const WeightNoise& noise)
    : Layer<T>(circuit.wiring().inputs,
               [&] {
                 std::size_t outputs = 0;
                 for (const Group& group : circuit.outputs()) outputs += group.units;
                 return outputs;
               }()),
      circuit_(std::move(circuit)),
      noise_(noise),
      start_(learned_start ? state_size() : 0) {}

template <class T>
std::string LstmG<T>::description() const {
  const Wiring& wiring = circuit_.wiring();
  return fmt::format(
      "lstm_g, {} units in {} groups, {} connections, {} of them gated{}{}", circuit_.units(),
      wiring.groups.size(), wiring.connections.size(),
      std::ranges::count_if(wiring.connections, [](const Connection& c) { return !c.gater.empty(); }),
      noise_.text(), start_.text());
}

template <class T>
std::string LstmG<T>::details() const {
  return to_text(circuit_.wiring());
}

template <class T>
void LstmG<T>::pack(std::span<const T> weights, const Packing&) {
  packed_.resize(circuit_.weights());
  circuit_.pack(weights, std::span<T>(packed_));
}

template <class T>
std::unique_ptr<Trace<T>> LstmG<T>::make_trace() const {
  return std::make_unique<LstmGTrace<T>>();
}

template <class T>
void LstmG<T>::put_state(const T* state, T* row) const noexcept {
  std::copy_n(state, state_size(), row + circuit_.y());
}
template <class T>
void LstmG<T>::take_state(const T* row, T* state) const noexcept {
  std::copy_n(row + circuit_.y(), state_size(), state);
}
template <class T>
void LstmG<T>::take_outputs(const T* row, T* y) const noexcept {
  for (const Group& group : circuit_.outputs())
    y = std::copy_n(row + circuit_.y() + group.first, group.units, y);
}

template <class T>
void LstmG<T>::advance(const T* before, T* now) const noexcept {
  now[0] = T(1);
  for (const Group& group : circuit_.groups()) {
    T* const s = now + circuit_.s() + group.first;
    std::fill_n(s, group.units, T(0));
    for (std::size_t l = group.link_begin; l < group.link_end; ++l) {
      const LinkValues<T> link(circuit_.links()[l], packed_.data(), before, now);
      for (std::size_t k = 0; k < group.units; ++k) s[k] += link.gain(k) * link.sum(k);
    }
    T* const y = now + circuit_.y() + group.first;
    std::copy_n(s, group.units, y);
    kernels::activate(group.activation, y, group.units);
  }
}

template <class T>
void LstmG<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& base) const {
  check_forward(*this, "lstm_g.forward", x, View<const T>(state));
  LstmGTrace<T>& trace = static_cast<LstmGTrace<T>&>(base);
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch();
  trace.kept = pass.keeps_trace();
  trace.layout = x.layout_pointer();
  trace.values.resize({B + (trace.kept ? layout.rows() : B), circuit_.width()});
  y.reshape(x.layout_pointer(), this->outputs());
  for (std::size_t slot = 0; slot < B; ++slot) put_state(state.row(layout.sequence(slot)), trace.at(0, slot));
  const std::size_t parts = work_parts(*pass.pool, B, x.rows() * circuit_.weights());
  split_slots(*pass.pool, layout, 0, layout.time(), parts,
              [&](std::size_t begin, std::size_t end) { forward_slots(begin, end, x, y, trace); });
  for (std::size_t b = 0; b < B; ++b) take_state(trace.at(layout.length(b), layout.slot(b)), state.row(b));
}

template <class T>
void LstmG<T>::forward_slots(std::size_t begin, std::size_t end, const Sequences<T>& x, Sequences<T>& y,
                             LstmGTrace<T>& trace) const noexcept {
  const SequenceLayout& layout = x.layout();
  for (std::size_t t = 0; t < layout.time(); ++t)
    for (std::size_t slot = begin; slot < std::min(end, layout.active(t)); ++slot) {
      T* const now = trace.at(t + 1, slot);
      std::copy_n(x.step(t).row(slot), this->inputs(), now + circuit_.x());
      advance(trace.at(t, slot), now);
      take_outputs(now, y.step(t).row(slot));
    }
}

template <class T>
void LstmG<T>::retreat(const T* before, const T* now, T* d_now, T* d_before, T* ds) const noexcept {
  for (std::size_t g = circuit_.groups().size(); g-- > 0;) {
    const Group& group = circuit_.groups()[g];
    T* const dy = d_now + circuit_.y() + group.first;
    T* const ds_group = ds + group.first;
    kernels::activation_gradient(group.activation, now + circuit_.y() + group.first, dy, group.units);
    for (std::size_t k = 0; k < group.units; ++k) ds_group[k] = d_now[circuit_.s() + group.first + k] + dy[k];
    for (std::size_t l = group.link_begin; l < group.link_end; ++l) {
      const Link& link = circuit_.links()[l];
      const LinkValues<T> values(link, packed_.data(), before, now);
      T* const d_source = link.now ? d_now : d_before;
      T* const d_gater = link.gater_now ? d_now : d_before;
      for (std::size_t k = 0; k < link.n; ++k) {
        values.add_back(k, ds_group[k] * values.gain(k), d_source);
        if (link.gaters > 0) d_gater[link.gater_of(k)] += ds_group[k] * values.sum(k);
      }
    }
  }
}

template <class T>
void LstmG<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                        const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                        Trace<T>& base) const {
  LstmGTrace<T>& trace = static_cast<LstmGTrace<T>&>(base);
  check_backward(*this, "lstm_g.backward", x, y, dy, View<const T>(dstate), trace.kept);
  if (*trace.layout != x.layout())
    throw Error(
        fmt::format("[lstm_g.backward] expected the x of the forward pass before it, [{}, {}, {}], got "
                    "other lengths",
                    trace.layout->time(), trace.layout->batch(), this->inputs()));
  const SequenceLayout& layout = x.layout();
  const std::size_t B = layout.batch(), work = x.rows() * circuit_.weights();
  trace.d.resize({B, circuit_.width()});
  trace.d_before.resize({B, circuit_.width()});
  trace.ds.resize({layout.rows(), circuit_.units()});
  trace.d.fill(T(0));
  for (std::size_t slot = 0; slot < B; ++slot)
    put_state(dstate.row(layout.sequence(slot)), trace.d.matrix().row(slot));
  if (dx != nullptr) dx->reshape(x.layout_pointer(), this->inputs());
  split_slots(*pass.pool, layout, 0, layout.time(), work_parts(*pass.pool, B, work),
              [&](std::size_t begin, std::size_t end) { backward_slots(begin, end, pass, dy, dx, trace); });
  for (std::size_t slot = 0; slot < B; ++slot)
    take_state(trace.d.matrix().row(slot), dstate.row(layout.sequence(slot)));
  split_work(*pass.pool, circuit_.units(), work,
             [&](std::size_t begin, std::size_t end) { add_weight_gradients(begin, end, trace, gradient); });
}

template <class T>
void LstmG<T>::backward_slots(std::size_t begin, std::size_t end, const Pass& pass, const Sequences<T>& dy,
                              Sequences<T>* dx, LstmGTrace<T>& trace) const noexcept {
  const SequenceLayout& layout = dy.layout();
  const std::size_t width = circuit_.width();
  for (std::size_t t = layout.time(); t-- > 0;)
    for (std::size_t slot = begin; slot < std::min(end, layout.active(t)); ++slot) {
      T* const d = trace.d.matrix().row(slot);
      T* const d_before = trace.d_before.matrix().row(slot);
      const T* above = dy.step(t).row(slot);
      for (const Group& group : circuit_.outputs())
        for (std::size_t k = 0; k < group.units; ++k) d[circuit_.y() + group.first + k] += *above++;
      std::fill_n(d_before, width, T(0));
      retreat(trace.at(t, slot), trace.at(t + 1, slot), d, d_before,
              trace.ds.matrix().row(layout.first_row(t) + slot));
      if (dx != nullptr) std::copy_n(d + circuit_.x(), this->inputs(), dx->step(t).row(slot));
      const std::size_t step = pass.first_step + t;
      const bool cut = pass.truncate > 0 && step > 0 && step % pass.truncate == 0;
      if (cut)
        std::fill_n(d, width, T(0));
      else
        std::copy_n(d_before, width, d);
    }
}

template <class T>
void LstmG<T>::add_weight_gradients(std::size_t begin, std::size_t end, const LstmGTrace<T>& trace,
                                    std::span<T> gradient) const noexcept {
  const SequenceLayout& layout = *trace.layout;
  for (const Link& link : circuit_.links()) {
    if (!link.learned) continue;
    const std::size_t k_begin = std::max(begin, link.to) - link.to;
    const std::size_t k_end = std::max(std::min(end, link.to + link.n), link.to) - link.to;
    for (std::size_t t = 0; t < layout.time(); ++t)
      for (std::size_t slot = 0; slot < layout.active(t); ++slot) {
        const LinkValues<T> values(link, packed_.data(), trace.kept_at(t, slot), trace.kept_at(t + 1, slot));
        const T* const ds = trace.ds.matrix().row(layout.first_row(t) + slot) + link.to;
        for (std::size_t k = k_begin; k < k_end; ++k)
          values.add_outer(k, ds[k] * values.gain(k), gradient.data() + link.parameter);
      }
  }
}

template <class T>
void LstmG<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  T *const before = scratch, *const now = scratch + circuit_.width();
  for (std::size_t b = 0; b < x.rows(); ++b) {
    put_state(state.row(b), before);
    std::copy_n(x.row(b), x.columns(), now + circuit_.x());
    advance(before, now);
    take_state(now, state.row(b));
    take_outputs(now, y.row(b));
  }
}

template <class T>
void LstmG<T>::recordings(const Trace<T>& base, const std::string& name,
                          std::vector<Recording<T>>& out) const {
  const LstmGTrace<T>& trace = static_cast<const LstmGTrace<T>&>(base);
  if (!trace.kept) return;
  const std::size_t B = trace.layout->batch();
  const View<const T> rows = trace.values.matrix().rows(B, trace.layout->rows());
  for (std::size_t g = 0; g < circuit_.groups().size(); ++g)
    out.push_back({name + "." + circuit_.wiring().groups[g].name,
                   rows.columns(circuit_.y() + circuit_.groups()[g].first, circuit_.groups()[g].units),
                   trace.layout});
}

template class LstmG<float>;
template class LstmG<double>;

}  // namespace carousel
