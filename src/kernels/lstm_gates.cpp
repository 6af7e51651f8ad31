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

template <class P>
HWY_INLINE P* place(const Rows<P>& rows, std::size_t row) {
  return rows.data + row * rows.stride;
}

template <class T, class Cell>
struct GatesForward {
  const LstmForward<T>& step;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    const std::size_t H = step.hidden;
    Vector<T> i[N], f[N], g[N], o[N], state[N], y[N];
    for (std::size_t n = 0; n < N; ++n) {
      const T* gates = place(step.gates, at[n].row);
      i[n] = at[n].piece.load(gates);
      f[n] = at[n].piece.load(gates + H);
      g[n] = at[n].piece.load(gates + 2 * H);
      o[n] = at[n].piece.load(gates + 3 * H);
      state[n] = at[n].piece.load(place(step.c_previous, at[n].row));
    }
    for (std::size_t n = 0; n < N; ++n) i[n] = Cell::gate(i[n]);
    for (std::size_t n = 0; n < N; ++n) f[n] = Cell::gate(f[n]);
    for (std::size_t n = 0; n < N; ++n) g[n] = Cell::candidate(g[n]);
    for (std::size_t n = 0; n < N; ++n) state[n] = canonical<T>(mul_add(f[n], state[n], hn::Mul(i[n], g[n])));
    for (std::size_t n = 0; n < N; ++n) o[n] = Cell::gate(o[n]);
    // A NaN in this product is one of its factors, so canonical.
    for (std::size_t n = 0; n < N; ++n) y[n] = hn::Mul(o[n], Cell::output(state[n]));
    for (std::size_t n = 0; n < N; ++n) {
      T* gates = place(step.gates, at[n].row);
      at[n].piece.store(i[n], gates);
      at[n].piece.store(f[n], gates + H);
      at[n].piece.store(g[n], gates + 2 * H);
      at[n].piece.store(o[n], gates + 3 * H);
      at[n].piece.store(state[n], place(step.c, at[n].row));
      at[n].piece.store(y[n], place(step.h, at[n].row));
    }
  }
};

template <class T, class Cell>
struct GatesBackward {
  const LstmBackward<T>& step;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    Vector<T> output[N];
    for (std::size_t n = 0; n < N; ++n) output[n] = Cell::output(at[n].piece.load(place(step.c, at[n].row)));
    for (std::size_t n = 0; n < N; ++n) run_one(at[n].row, at[n].piece, output[n]);
  }

 private:
  HWY_INLINE void run_one(std::size_t row, const Piece<T>& at, Vector<T> output) const {
    const std::size_t H = step.hidden;
    const T* gates = place(step.gates, row);
    T *dc = place(step.dc, row), *dgates = place(step.dgates, row);
    const auto i = at.load(gates);
    const auto f = at.load(gates + H);
    const auto g = at.load(gates + 2 * H);
    const auto o = at.load(gates + 3 * H);
    const auto dh = at.load(place(step.dh, row));
    const auto d_output = hn::Mul(dh, o);
    const auto state = mul_add(d_output, Cell::output_slope(output), at.load(dc));
    const auto di = hn::Mul(hn::Mul(state, g), Cell::gate_slope(i));
    const auto df = hn::Mul(hn::Mul(state, at.load(place(step.c_previous, row))), Cell::gate_slope(f));
    const auto dg = hn::Mul(hn::Mul(state, i), Cell::candidate_slope(g));
    const auto d_o = hn::Mul(hn::Mul(dh, output), Cell::gate_slope(o));
    at.store(canonical<T>(hn::Mul(state, f)), dc);
    at.store(canonical<T>(di), dgates);
    at.store(canonical<T>(df), dgates + H);
    at.store(canonical<T>(dg), dgates + 2 * H);
    at.store(canonical<T>(d_o), dgates + 3 * H);
  }
};

template <class T>
void plain_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_groups_of_pieces<T>(row, rows, unit, units, GatesForward<T, PlainCell<T>>{step});
}

template <class T>
void plain_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  for_groups_of_pieces<T>(row, rows, unit, units, GatesBackward<T, PlainCell<T>>{step});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, plain_forward);
CAROUSEL_KERNEL_TABLE(kBackward, plain_backward);

template <class T>
void lstm_gates_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept {
  kForward<T>[target_index()](step, row, rows, unit, units);
}

template <class T>
void lstm_gates_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept {
  kBackward<T>[target_index()](step, row, rows, unit, units);
}

template void lstm_gates_forward(const LstmForward<float>&, std::size_t, std::size_t, std::size_t,
                                 std::size_t) noexcept;
template void lstm_gates_forward(const LstmForward<double>&, std::size_t, std::size_t, std::size_t,
                                 std::size_t) noexcept;
template void lstm_gates_backward(const LstmBackward<float>&, std::size_t, std::size_t, std::size_t,
                                  std::size_t) noexcept;
template void lstm_gates_backward(const LstmBackward<double>&, std::size_t, std::size_t, std::size_t,
                                  std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
