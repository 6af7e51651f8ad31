#include "kernels/lstm_gates.h"

#include "kernels/dispatch.h"
#include "kernels/lstm_policies.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lstm_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/lstm_gates-inl.h"
#include "kernels/lstm_gates_backward-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class Step>
using Loop = void (*)(const Step&, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units);

// The loops of each policy; of some bodies one vector at a time, for size.
template <class T, LstmStatePolicy P>
struct StateLoops {
  static void forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                      std::size_t units) {
    for_pieces_of_rows<T>(row, rows, unit, units, OneByOne<T, StateForward<T, P>>{{step}});
  }
  static void backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) {
    for_pieces_of_rows<T>(row, rows, unit, units, StateBackward<T, P>{step});
  }
};
template <class T, LstmOutputPolicy P>
struct OutputLoops {
  static void forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                      std::size_t units) {
    for_pieces_of_rows<T>(row, rows, unit, units, OneByOne<T, OutputForward<T, P>>{{step}});
  }
  static void backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) {
    for_pieces_of_rows<T>(row, rows, unit, units, OutputBackward<T, P>{step});
  }
};

template <class T>
struct Loops {
  Loop<LstmForward<T>> forward = nullptr;
  Loop<LstmBackward<T>> backward = nullptr;
};
template <class T, std::size_t kNumber>
constexpr Loops<T> state_loops_of() {
  constexpr LstmStatePolicy policy = state_policy(kNumber);
  if constexpr (exists(policy)) return {StateLoops<T, policy>::forward, StateLoops<T, policy>::backward};
  return {};
}
template <class T, std::size_t kNumber>
constexpr Loops<T> output_loops_of() {
  constexpr LstmOutputPolicy policy = output_policy(kNumber);
  if constexpr (exists(policy)) return {OutputLoops<T, policy>::forward, OutputLoops<T, policy>::backward};
  return {};
}
template <class T, std::size_t... kNumbers>
constexpr std::array<Loops<T>, sizeof...(kNumbers)> state_loops(std::index_sequence<kNumbers...>) {
  return {state_loops_of<T, kNumbers>()...};
}
template <class T, std::size_t... kNumbers>
constexpr std::array<Loops<T>, sizeof...(kNumbers)> output_loops(std::index_sequence<kNumbers...>) {
  return {output_loops_of<T, kNumbers>()...};
}
template <class T>
constexpr auto kStateLoops = state_loops<T>(std::make_index_sequence<kStatePolicies>());
template <class T>
constexpr auto kOutputLoops = output_loops<T>(std::make_index_sequence<kOutputPolicies>());

template <class T>
void state_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  kStateLoops<T>[number(step.policy.state)].forward(step, row, rows, unit, units);
}
template <class T>
void state_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  kStateLoops<T>[number(step.policy.state)].backward(step, row, rows, unit, units);
}
template <class T>
void output_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  kOutputLoops<T>[number(step.policy.output)].forward(step, row, rows, unit, units);
}
template <class T>
void output_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                     std::size_t units) {
  kOutputLoops<T>[number(step.policy.output)].backward(step, row, rows, unit, units);
}

template <class T>
void gates_forward(const LstmForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  if (step.policy == LstmPolicy{})
    return for_groups_of_pieces<T>(row, rows, unit, units, GatesForward<T, LstmPolicy{}>{step});
  state_forward(step, row, rows, unit, units);
  output_forward(step, row, rows, unit, units);
}

template <class T>
void gates_backward(const LstmBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  if (step.policy == LstmPolicy{})
    return for_pieces_of_rows<T>(row, rows, unit, units, GatesBackward<T, LstmPolicy{}>{step});
  // Row by row, so that what one part leaves is near when the other reads it.
  for (std::size_t r = row; r < row + rows; ++r) {
    output_backward(step, r, 1, unit, units);
    state_backward(step, r, 1, unit, units);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kGatesForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kGatesBackward, gates_backward);
CAROUSEL_KERNEL_TABLE(kStateForward, state_forward);
CAROUSEL_KERNEL_TABLE(kStateBackward, state_backward);
CAROUSEL_KERNEL_TABLE(kOutputForward, output_forward);
CAROUSEL_KERNEL_TABLE(kOutputBackward, output_backward);

#define CAROUSEL_LSTM_KERNEL(function, Step, table)                                                        \
  template <class T>                                                                                       \
  void function(const Step<T>& step, std::size_t row, std::size_t rows, std::size_t unit,                  \
                std::size_t units) noexcept {                                                              \
    table<T>[target_index()](step, row, rows, unit, units);                                                \
  }                                                                                                        \
  template void function(const Step<float>&, std::size_t, std::size_t, std::size_t, std::size_t) noexcept; \
  template void function(const Step<double>&, std::size_t, std::size_t, std::size_t, std::size_t) noexcept

CAROUSEL_LSTM_KERNEL(lstm_gates_forward, LstmForward, kGatesForward);
CAROUSEL_LSTM_KERNEL(lstm_gates_backward, LstmBackward, kGatesBackward);
CAROUSEL_LSTM_KERNEL(lstm_state_forward, LstmForward, kStateForward);
CAROUSEL_LSTM_KERNEL(lstm_state_backward, LstmBackward, kStateBackward);
CAROUSEL_LSTM_KERNEL(lstm_output_forward, LstmForward, kOutputForward);
CAROUSEL_LSTM_KERNEL(lstm_output_backward, LstmBackward, kOutputBackward);

}  // namespace carousel::kernels
#endif
