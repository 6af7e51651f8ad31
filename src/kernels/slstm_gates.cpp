#include "kernels/slstm_gates.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/slstm_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct SlstmGatesForward {
  const SlstmForward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const Tag<T> d;
    const std::size_t H = step.hidden, size = step.size;
    T *const gates = step.gates.row(row), *const memory = step.memory.row(row);
    const T* before = step.memory_before.row(row);
    auto log_f = at.load(gates + size), slope = hn::Set(d, T{1});
    if (!step.exponential) {
      const auto f = lane_sigmoid<T>(log_f);
      log_f = lane_log_sigmoid<T>(log_f, f);
      slope = hn::Sub(slope, f);
    }
    const auto c = at.load(before), n = at.load(before + H);
    const auto written = at.load(gates), kept = hn::Add(log_f, at.load(before + 2 * H));
    const auto empty = hn::Eq(n, hn::Zero(d));
    const auto larger = hn::IfThenElse(hn::Ge(kept, written), kept, written);
    const auto m = hn::IfThenElse(empty, written, larger);
    const auto i = lane_exp<T>(hn::Sub(written, m));
    const auto f = hn::IfThenElse(empty, hn::Zero(d), lane_exp<T>(hn::Sub(kept, m)));
    const auto g = lane_tanh<T>(at.load(gates + 2 * size)), o = lane_sigmoid<T>(at.load(gates + 3 * size));
    const auto next = canonical<T>(mul_add(f, c, hn::Mul(i, g))), divisor = canonical<T>(mul_add(f, n, i));
    at.store(i, gates);
    at.store(f, gates + size);
    at.store(g, gates + 2 * size);
    at.store(o, gates + 3 * size);
    at.store(canonical<T>(slope), step.slope.row(row));
    at.store(next, memory);
    at.store(divisor, memory + H);
    at.store(canonical<T>(m), memory + 2 * H);
    at.store(canonical<T>(hn::Mul(o, hn::Div(next, divisor))), step.h.row(row));
  }
};

template <class T>
struct SlstmGatesBackward {
  const SlstmBackward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const Tag<T> d;
    const std::size_t H = step.hidden, size = step.size;
    const T *gates = step.gates.row(row), *before = step.memory_before.row(row),
            *memory = step.memory.row(row);
    T *const dmemory = step.dmemory.row(row), *const dgates = step.dgates.row(row);
    const auto i = at.load(gates), f = at.load(gates + size), g = at.load(gates + 2 * size),
               o = at.load(gates + 3 * size), n = at.load(memory + H), dh = at.load(step.dh.row(row));
    const auto read = hn::Div(at.load(memory), n), share = hn::Div(hn::Mul(dh, o), n);
    const auto dc = hn::Add(at.load(dmemory), share);
    const auto dn = neg_mul_add(share, read, at.load(dmemory + H));
    auto on_f = hn::Mul(f, mul_add(dc, at.load(before), hn::Mul(dn, at.load(before + H))));
    auto on_i = hn::Mul(i, mul_add(dc, g, dn));
    // m is one of the two exponents, and what hangs on it hangs on that one.
    const auto on_m = hn::Sub(at.load(dmemory + 2 * H), hn::Add(on_f, on_i));
    const auto of_f = hn::Eq(f, hn::Set(d, T{1}));
    on_f = hn::IfThenElse(of_f, hn::Add(on_f, on_m), on_f);
    on_i = hn::IfThenElse(of_f, on_i, hn::Add(on_i, on_m));
    at.store(canonical<T>(on_i), dgates);
    at.store(canonical<T>(hn::Mul(on_f, at.load(step.slope.row(row)))), dgates + size);
    at.store(canonical<T>(hn::Mul(hn::Mul(dc, i), tanh_slope<T>(g))), dgates + 2 * size);
    at.store(canonical<T>(hn::Mul(hn::Mul(dh, read), sigmoid_slope(o))), dgates + 3 * size);
    at.store(canonical<T>(hn::Mul(f, dc)), dmemory);
    at.store(canonical<T>(hn::Mul(f, dn)), dmemory + H);
    at.store(canonical<T>(on_f), dmemory + 2 * H);
  }
};

template <class T>
void gates_forward(const SlstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, SlstmGatesForward<T>{step});
}

template <class T>
void gates_backward(const SlstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, SlstmGatesBackward<T>{step});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kBackward, gates_backward);

template <class T>
void slstm_gates_forward(const SlstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                         std::size_t units) noexcept {
  kForward<T>[target_index()](step, row, rows, unit, units);
}

template <class T>
void slstm_gates_backward(const SlstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                          std::size_t units) noexcept {
  kBackward<T>[target_index()](step, row, rows, unit, units);
}

template void slstm_gates_forward(const SlstmForward<float>&, std::size_t, std::size_t, std::size_t,
                                  std::size_t) noexcept;
template void slstm_gates_forward(const SlstmForward<double>&, std::size_t, std::size_t, std::size_t,
                                  std::size_t) noexcept;
template void slstm_gates_backward(const SlstmBackward<float>&, std::size_t, std::size_t, std::size_t,
                                   std::size_t) noexcept;
template void slstm_gates_backward(const SlstmBackward<double>&, std::size_t, std::size_t, std::size_t,
                                   std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
