// The LSTM's gates for several vectors of units in lockstep, compiled once for each target: a chain of
// operations is some hundred long, and one alone would leave the CPU waiting. Equations: lstm_gates.h.
#if defined(CAROUSEL_KERNELS_LSTM_GATES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_LSTM_GATES_INL_H
#undef CAROUSEL_KERNELS_LSTM_GATES_INL_H
#else
#define CAROUSEL_KERNELS_LSTM_GATES_INL_H
#endif

#include "kernels/lstm_gates.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct GatesForward {
  LstmForward<T> step;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    const std::size_t H = step.hidden;
    Vector<T> i[N], f[N], g[N], o[N], c[N], h[N];
    for (std::size_t n = 0; n < N; ++n) {
      const T* gates = step.gates.row(at[n].row);
      i[n] = at[n].piece.load(gates);
      f[n] = at[n].piece.load(gates + H);
      g[n] = at[n].piece.load(gates + 2 * H);
      o[n] = at[n].piece.load(gates + 3 * H);
      c[n] = at[n].piece.load(step.c_previous.row(at[n].row));
    }
    for (std::size_t n = 0; n < N; ++n) i[n] = lane_sigmoid<T>(i[n]);
    for (std::size_t n = 0; n < N; ++n) f[n] = lane_sigmoid<T>(f[n]);
    for (std::size_t n = 0; n < N; ++n) g[n] = lane_tanh<T>(g[n]);
    for (std::size_t n = 0; n < N; ++n) c[n] = canonical<T>(mul_add(f[n], c[n], hn::Mul(i[n], g[n])));
    for (std::size_t n = 0; n < N; ++n) o[n] = lane_sigmoid<T>(o[n]);
    // A NaN in this product is one of its factors, so canonical.
    for (std::size_t n = 0; n < N; ++n) h[n] = hn::Mul(o[n], lane_tanh<T>(c[n]));
    for (std::size_t n = 0; n < N; ++n) {
      T* gates = step.gates.row(at[n].row);
      at[n].piece.store(i[n], gates);
      at[n].piece.store(f[n], gates + H);
      at[n].piece.store(g[n], gates + 2 * H);
      at[n].piece.store(o[n], gates + 3 * H);
      at[n].piece.store(c[n], step.c.row(at[n].row));
      at[n].piece.store(h[n], step.h.row(at[n].row));
    }
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
