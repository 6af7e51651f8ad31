// The LSTM's step back for one vector of units, compiled once for each target. Equations: docs/equations.md.
#if defined(CAROUSEL_KERNELS_LSTM_GATES_BACKWARD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_LSTM_GATES_BACKWARD_INL_H
#undef CAROUSEL_KERNELS_LSTM_GATES_BACKWARD_INL_H
#else
#define CAROUSEL_KERNELS_LSTM_GATES_BACKWARD_INL_H
#endif

#include "kernels/lstm_gates.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// d times the slope of a gate of value y; activated, the gradient on the activation is all that is asked.
template <class T, bool kActivated>
HWY_INLINE Vector<T> through_gate(Vector<T> d, Vector<T> y) {
  if constexpr (kActivated) {
    return d;
  } else {
    return hn::Mul(d, sigmoid_slope(y));
  }
}

/// The gradients on o and on what stands for tanh(c), and what reaches c through them.
template <class T, LstmOutputPolicy P>
struct OutputBackward {
  const LstmBackward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const auto dc = to_cell(row, at);
    if constexpr (!P.activated) at.store(canonical<T>(dc), step.dc.row(row));
  }
  /// The gradient on c, not stored; activated, that on what stands for tanh(c).
  HWY_INLINE Vector<T> to_cell(std::size_t row, const Piece<T>& at) const {
    const auto dh = at.load(step.dh.row(row));
    auto d_output = dh;
    if constexpr (P.output_gate) d_output = hn::Mul(dh, at.load(step.o.row(row)));
    if constexpr (P.activated) {
      if constexpr (P.output_gate)
        at.store(canonical<T>(hn::Mul(dh, at.load(step.output.row(row)))), step.d_o.row(row));
      at.store(canonical<T>(d_output), step.d_output.row(row));
      return d_output;
    } else {
      const auto output = lane_tanh<T>(at.load(step.c.row(row)));
      auto dc = mul_add(d_output, tanh_slope<T>(output), at.load(step.dc.row(row)));
      if constexpr (P.output_gate) {
        const auto d_o = hn::Mul(hn::Mul(dh, output), sigmoid_slope(at.load(step.o.row(row))));
        at.store(canonical<T>(d_o), step.d_o.row(row));
        if constexpr (P.peephole) dc = mul_add(at.load(step.p_o.row(row)), d_o, dc);
      }
      return dc;
    }
  }
};

/// From the gradient on c_t those on i, f, g and c_{t-1}.
template <class T, LstmStatePolicy P>
struct StateBackward {
  const LstmBackward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const { run(row, at, at.load(step.dc.row(row))); }
  HWY_INLINE void run(std::size_t row, const Piece<T>& at, Vector<T> on_c) const {
    const Tag<T> tag;
    const auto limit = hn::Set(tag, step.clip);
    const auto within = hn::Lt(hn::Abs(at.load(step.c.row(row))), limit);
    const auto unlimited = hn::Eq(limit, hn::Set(tag, std::numeric_limits<T>::infinity()));
    const auto dc = hn::IfThenElseZero(hn::Or(within, unlimited), on_c);
    const auto g = at.load(step.g.row(row));
    const auto before = at.load(step.c_previous.row(row));
    auto dg = dc, di = dc;
    if constexpr (P.input_gate) {
      const auto i = at.load(step.i.row(row));
      dg = hn::Mul(dc, i);
      const auto seen = P.forget_gate == ForgetGate::coupled ? hn::Sub(g, before) : g;
      di = through_gate<T, P.activated>(hn::Mul(dc, seen), i);
      at.store(canonical<T>(di), step.di.row(row));
    }
    if constexpr (!P.activated) dg = hn::Mul(dg, tanh_slope<T>(g));
    at.store(canonical<T>(dg), step.dg.row(row));
    for (std::size_t d = 0; d < P.dimensions; ++d) to_step_before(row, at, dc, di, d * step.hidden);
  }

 private:
  /// Of one dimension.
  HWY_INLINE void to_step_before(std::size_t row, const Piece<T>& at, Vector<T> dc, Vector<T> di,
                                 std::size_t first) const {
    auto d_before = dc;
    if constexpr (P.forget_gate == ForgetGate::on) {
      const auto f = at.load(step.f.row(row) + first);
      const auto before = at.load(step.c_previous.row(row) + first);
      const auto df = through_gate<T, P.activated>(hn::Mul(dc, before), f);
      at.store(canonical<T>(df), step.df.row(row) + first);
      d_before = hn::Mul(dc, f);
      if constexpr (P.peephole) d_before = mul_add(at.load(step.p_f.row(row) + first), df, d_before);
    } else if constexpr (P.forget_gate == ForgetGate::coupled) {
      d_before = hn::Mul(dc, hn::Sub(hn::Set(Tag<T>(), T{1}), at.load(step.i.row(row))));
    }
    if constexpr (P.peephole && P.input_gate) d_before = mul_add(at.load(step.p_i.row(row)), di, d_before);
    at.store(canonical<T>(d_before), step.dc_previous.row(row) + first);
  }
};

/// Both without leaving the registers.
template <class T, LstmPolicy P>
struct GatesBackward {
  const LstmBackward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const auto dc = OutputBackward<T, P.output>{step}.to_cell(row, at);
    StateBackward<T, P.state>{step}.run(row, at, dc);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
