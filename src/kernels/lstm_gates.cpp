#include "kernels/lstm_gates.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lstm_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/lstm_gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct GatesBackward {
  const LstmBackward<T>& step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const std::size_t H = step.hidden;
    const auto output = lane_tanh<T>(at.load(step.c.row(row)));
    const T* gates = step.gates.row(row);
    T *dc = step.dc.row(row), *dgates = step.dgates.row(row);
    const auto i = at.load(gates);
    const auto f = at.load(gates + H);
    const auto g = at.load(gates + 2 * H);
    const auto o = at.load(gates + 3 * H);
    const auto dh = at.load(step.dh.row(row));
    const auto d_output = hn::Mul(dh, o);
    const auto state = mul_add(d_output, tanh_slope<T>(output), at.load(dc));
    const auto di = hn::Mul(hn::Mul(state, g), sigmoid_slope(i));
    const auto df = hn::Mul(hn::Mul(state, at.load(step.c_previous.row(row))), sigmoid_slope(f));
    const auto dg = hn::Mul(hn::Mul(state, i), tanh_slope<T>(g));
    const auto d_o = hn::Mul(hn::Mul(dh, output), sigmoid_slope(o));
    at.store(canonical<T>(hn::Mul(state, f)), dc);
    at.store(canonical<T>(di), dgates);
    at.store(canonical<T>(df), dgates + H);
    at.store(canonical<T>(dg), dgates + 2 * H);
    at.store(canonical<T>(d_o), dgates + 3 * H);
  }
};

template <class T>
void gates_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_groups_of_pieces<T>(row, rows, unit, units, GatesForward<T>{step});
}

template <class T>
void gates_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, GatesBackward<T>{step});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kBackward, gates_backward);

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
