#include "kernels/lstm_gates.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lstm_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// What squashes what in the plain cell: each function of a pre-activation, and its slope from its value.
template <class T>
struct PlainCell {
  using V = Vector<T>;
  static HWY_INLINE V gate(V x) { return lane_sigmoid<T>(x); }
  static HWY_INLINE V gate_slope(V y) { return neg_mul_add(y, y, y); }
  static HWY_INLINE V candidate(V x) { return lane_tanh<T>(x); }
  static HWY_INLINE V candidate_slope(V y) { return neg_mul_add(y, y, hn::Set(Tag<T>(), T{1})); }
  static HWY_INLINE V output(V c) { return lane_tanh<T>(c); }
  static HWY_INLINE V output_slope(V y) { return neg_mul_add(y, y, hn::Set(Tag<T>(), T{1})); }
};

/// One row's gates, [H] each, in the order of the weights.
template <class P>
struct GateRows {
  P i, f, g, o;
  GateRows(P gates, std::size_t hidden)
      : i(gates), f(gates + hidden), g(gates + 2 * hidden), o(gates + 3 * hidden) {}
};

// Both bodies compute N vectors side by side: their chains of operations are long, and one alone would leave
// the CPU waiting.

template <class T, class Cell>
struct GatesForward {
  GateRows<T*> gates;
  const T* c_previous;
  T *c, *h;

  template <std::size_t N>
  HWY_INLINE void run(const Piece<T> (&at)[N]) const {
    Vector<T> i[N], f[N], g[N], o[N], state[N], y[N];
    for (std::size_t n = 0; n < N; ++n) {
      i[n] = at[n].load(gates.i);
      f[n] = at[n].load(gates.f);
      g[n] = at[n].load(gates.g);
      o[n] = at[n].load(gates.o);
      state[n] = at[n].load(c_previous);
    }
    for (std::size_t n = 0; n < N; ++n) i[n] = Cell::gate(i[n]);
    for (std::size_t n = 0; n < N; ++n) f[n] = Cell::gate(f[n]);
    for (std::size_t n = 0; n < N; ++n) g[n] = Cell::candidate(g[n]);
    for (std::size_t n = 0; n < N; ++n) state[n] = canonical<T>(mul_add(f[n], state[n], hn::Mul(i[n], g[n])));
    for (std::size_t n = 0; n < N; ++n) o[n] = Cell::gate(o[n]);
    // A NaN in this product is one of its factors, so canonical.
    for (std::size_t n = 0; n < N; ++n) y[n] = hn::Mul(o[n], Cell::output(state[n]));
    for (std::size_t n = 0; n < N; ++n) {
      at[n].store(i[n], gates.i);
      at[n].store(f[n], gates.f);
      at[n].store(g[n], gates.g);
      at[n].store(o[n], gates.o);
      at[n].store(state[n], c);
      at[n].store(y[n], h);
    }
  }
};

template <class T, class Cell>
struct GatesBackward {
  GateRows<const T*> gates;
  const T *c_previous, *c, *dh;
  T* dc;
  GateRows<T*> dgates;

  template <std::size_t N>
  HWY_INLINE void run(const Piece<T> (&at)[N]) const {
    Vector<T> output[N];
    for (std::size_t n = 0; n < N; ++n) output[n] = Cell::output(at[n].load(c));
    for (std::size_t n = 0; n < N; ++n) run_one(at[n], output[n]);
  }

 private:
  HWY_INLINE void run_one(Piece<T> at, Vector<T> output) const {
    const auto i = at.load(gates.i);
    const auto f = at.load(gates.f);
    const auto g = at.load(gates.g);
    const auto o = at.load(gates.o);
    const auto dh_here = at.load(dh);
    const auto d_output = hn::Mul(dh_here, o);
    const auto state = mul_add(d_output, Cell::output_slope(output), at.load(dc));
    const auto di = hn::Mul(hn::Mul(state, g), Cell::gate_slope(i));
    const auto df = hn::Mul(hn::Mul(state, at.load(c_previous)), Cell::gate_slope(f));
    const auto dg = hn::Mul(hn::Mul(state, i), Cell::candidate_slope(g));
    const auto d_o = hn::Mul(hn::Mul(dh_here, output), Cell::gate_slope(o));
    at.store(canonical<T>(hn::Mul(state, f)), dc);
    at.store(canonical<T>(di), dgates.i);
    at.store(canonical<T>(df), dgates.f);
    at.store(canonical<T>(dg), dgates.g);
    at.store(canonical<T>(d_o), dgates.o);
  }
};

template <class T>
void plain_forward(std::size_t hidden, T* gates, const T* c_previous, T* c, T* h) {
  for_each_pair_of_pieces<T>(hidden, GatesForward<T, PlainCell<T>>{{gates, hidden}, c_previous, c, h});
}

template <class T>
void plain_backward(std::size_t hidden, const T* gates, const T* c_previous, const T* c, const T* dh, T* dc,
                    T* dgates) {
  for_each_pair_of_pieces<T>(
      hidden, GatesBackward<T, PlainCell<T>>{{gates, hidden}, c_previous, c, dh, dc, {dgates, hidden}});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, plain_forward);
CAROUSEL_KERNEL_TABLE(kBackward, plain_backward);

template <class T>
void lstm_gates_forward(std::size_t hidden, T* gates, const T* c_previous, T* c, T* h) noexcept {
  kForward<T>[target_index()](hidden, gates, c_previous, c, h);
}

template <class T>
void lstm_gates_backward(std::size_t hidden, const T* gates, const T* c_previous, const T* c, const T* dh,
                         T* dc, T* dgates) noexcept {
  kBackward<T>[target_index()](hidden, gates, c_previous, c, dh, dc, dgates);
}

template void lstm_gates_forward(std::size_t, float*, const float*, float*, float*) noexcept;
template void lstm_gates_forward(std::size_t, double*, const double*, double*, double*) noexcept;
template void lstm_gates_backward(std::size_t, const float*, const float*, const float*, const float*, float*,
                                  float*) noexcept;
template void lstm_gates_backward(std::size_t, const double*, const double*, const double*, const double*,
                                  double*, double*) noexcept;

}  // namespace carousel::kernels
#endif
