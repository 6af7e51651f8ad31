// The LSTM's step forward for several vectors of units in lockstep, compiled once for each target: a chain of
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

/// sigmoid(x), or what is activated already.
template <class T, bool kActivated>
HWY_INLINE Vector<T> gate(Vector<T> x) {
  if constexpr (kActivated) {
    return x;
  } else {
    return lane_sigmoid<T>(x);
  }
}

template <class T>
HWY_INLINE Vector<T> clipped(Vector<T> c, T limit) {
  const Tag<T> d;
  return canonical<T>(
      hn::IfThenElse(hn::Gt(hn::Abs(c), hn::Set(d, limit)), hn::CopySign(hn::Set(d, limit), c), c));
}

/// i, f, g and c, which it also returns.
template <class T, LstmStatePolicy P>
struct StateForward {
  const LstmForward<T>& step;
  static constexpr std::size_t D = P.dimensions;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    Vector<T> c[N];
    run(at, c);
  }
  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N], Vector<T> (&c)[N]) const {
    const std::size_t H = step.hidden;
    Vector<T> i[N], f[D][N], g[N], before[D][N];
    for (std::size_t n = 0; n < N; ++n) {
      g[n] = at[n].piece.load(step.g.row(at[n].row));
      for (std::size_t d = 0; d < D; ++d) {
        before[d][n] = at[n].piece.load(step.c_previous.row(at[n].row) + d * H);
        if constexpr (P.forget_gate == ForgetGate::on)
          f[d][n] = at[n].piece.load(step.f.row(at[n].row) + d * H);
      }
      if constexpr (P.input_gate) i[n] = at[n].piece.load(step.i.row(at[n].row));
      if constexpr (P.peephole) look(at[n], n, before, i, f);
    }
    if constexpr (P.input_gate)
      for (std::size_t n = 0; n < N; ++n) i[n] = gate<T, P.activated>(i[n]);
    if constexpr (P.forget_gate == ForgetGate::on)
      for (std::size_t d = 0; d < D; ++d)
        for (std::size_t n = 0; n < N; ++n) f[d][n] = gate<T, P.activated>(f[d][n]);
    if constexpr (!P.activated)
      for (std::size_t n = 0; n < N; ++n) g[n] = lane_tanh<T>(g[n]);
    for (std::size_t n = 0; n < N; ++n) {
      c[n] = g[n];
      if constexpr (P.input_gate) c[n] = hn::Mul(i[n], g[n]);
      for (std::size_t d = 0; d < D; ++d) c[n] = carried(before[d][n], i[n], f[d][n], c[n]);
      c[n] = clipped<T>(c[n], step.clip);
    }
    for (std::size_t n = 0; n < N; ++n) {
      const std::size_t row = at[n].row;
      at[n].piece.store(c[n], step.c.row(row));
      if constexpr (P.activated) continue;
      at[n].piece.store(g[n], step.g.row(row));
      if constexpr (P.input_gate) at[n].piece.store(i[n], step.i.row(row));
      if constexpr (P.forget_gate == ForgetGate::on)
        for (std::size_t d = 0; d < D; ++d) at[n].piece.store(f[d][n], step.f.row(row) + d * H);
    }
  }

 private:
  template <std::size_t N>
  HWY_INLINE void look(const RowPiece<T>& at, std::size_t n, const Vector<T> (&before)[D][N],
                       Vector<T> (&i)[N], Vector<T> (&f)[D][N]) const {
    for (std::size_t d = 0; d < D; ++d) {
      if constexpr (P.input_gate) i[n] = mul_add(at.piece.load(step.p_i.row(at.row)), before[d][n], i[n]);
      if constexpr (P.forget_gate == ForgetGate::on)
        f[d][n] = mul_add(at.piece.load(step.p_f.row(at.row) + d * step.hidden), before[d][n], f[d][n]);
    }
  }
  /// sum + f * before
  static HWY_INLINE Vector<T> carried(Vector<T> before, Vector<T> i, Vector<T> f, Vector<T> sum) {
    if constexpr (P.forget_gate == ForgetGate::on) return mul_add(f, before, sum);
    if constexpr (P.forget_gate == ForgetGate::coupled)
      return mul_add(hn::Sub(hn::Set(Tag<T>(), T{1}), i), before, sum);
    return hn::Add(before, sum);
  }
};

/// o and h.
template <class T, LstmOutputPolicy P>
struct OutputForward {
  const LstmForward<T>& step;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    Vector<T> c[N];
    for (std::size_t n = 0; n < N; ++n) c[n] = at[n].piece.load(step.c.row(at[n].row));
    run(at, c);
  }
  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N], const Vector<T> (&c)[N]) const {
    Vector<T> o[N], h[N];
    if constexpr (P.output_gate)
      for (std::size_t n = 0; n < N; ++n) {
        o[n] = at[n].piece.load(step.o.row(at[n].row));
        if constexpr (P.peephole) o[n] = mul_add(at[n].piece.load(step.p_o.row(at[n].row)), c[n], o[n]);
      }
    if constexpr (P.output_gate)
      for (std::size_t n = 0; n < N; ++n) o[n] = gate<T, P.activated>(o[n]);
    for (std::size_t n = 0; n < N; ++n) {
      if constexpr (P.activated) {
        h[n] = at[n].piece.load(step.output.row(at[n].row));
      } else {
        h[n] = lane_tanh<T>(c[n]);
      }
      // A NaN in this product is one of its factors, so canonical.
      if constexpr (P.output_gate) h[n] = hn::Mul(o[n], h[n]);
    }
    for (std::size_t n = 0; n < N; ++n) {
      if constexpr (P.output_gate && !P.activated) at[n].piece.store(o[n], step.o.row(at[n].row));
      at[n].piece.store(h[n], step.h.row(at[n].row));
    }
  }
};

/// The whole step without leaving the registers.
template <class T, LstmPolicy P>
struct GatesForward {
  LstmForward<T> step;

  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    Vector<T> c[N];
    StateForward<T, P.state>{step}.run(at, c);
    OutputForward<T, P.output>{step}.run(at, c);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
