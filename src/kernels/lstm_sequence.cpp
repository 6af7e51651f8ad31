#include "kernels/lstm_sequence.h"

#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lstm_sequence.cpp"
#include "hwy/foreach_target.h"
#include "kernels/lstm_gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// pre += the chain over k of factors[k] times row k of the weights.
template <std::size_t N, class T>
HWY_INLINE void add_product(const T* factors, std::size_t count, const T* weights, Vector<T> (&pre)[N]) {
  const Tag<T> d;
  Vector<T> sums[N];
#pragma GCC unroll 12
  for (std::size_t v = 0; v < N; ++v) sums[v] = hn::Zero(d);
  for (std::size_t k = 0; k < count; ++k, weights += N * kVectorLanes<T>) {
    const auto factor = hn::Set(d, factors[k]);
#pragma GCC unroll 12
    for (std::size_t v = 0; v < N; ++v) {
      sums[v] = mul_add(factor, hn::Load(d, weights + v * kVectorLanes<T>), sums[v]);
    }
  }
#pragma GCC unroll 12
  for (std::size_t v = 0; v < N; ++v) pre[v] = hn::Add(pre[v], sums[v]);
}

/// out = pre-activations of a group's columns: (b + W x) + R h, the first sum from products where these are
/// there.
template <std::size_t N, class T>
void group_product(const LstmSequence<T>& lstm, const typename LstmSequence<T>::Group& group,
                   const LstmSteps<T>& step, T* HWY_RESTRICT out) {
  const Tag<T> d;
  constexpr std::size_t row = N * kVectorLanes<T>;
  const T* weights = group.weights;
  Piece<T> at[N];
  for (std::size_t v = 0; v < N; ++v) at[v] = {group.columns[v].begin, group.columns[v].count};
  Vector<T> pre[N];
  if (step.products == nullptr) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < N; ++v) pre[v] = hn::Load(d, weights + v * kVectorLanes<T>);
    add_product<N>(step.x, lstm.inputs(), weights + row, pre);
  } else {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < N; ++v) pre[v] = at[v].load(step.products);
  }
  add_product<N>(step.h, lstm.hidden(), weights + (1 + lstm.inputs()) * row, pre);
#pragma GCC unroll 12
  for (std::size_t v = 0; v < N; ++v) at[v].store(pre[v], out);
}

template <class T>
constexpr void (*kGroupProduct[])(const LstmSequence<T>&, const typename LstmSequence<T>::Group&,
                                  const LstmSteps<T>&, T* HWY_RESTRICT) = {
    group_product<1, T>, group_product<2, T>,  group_product<3, T>,  group_product<4, T>,
    group_product<5, T>, group_product<6, T>,  group_product<7, T>,  group_product<8, T>,
    group_product<9, T>, group_product<10, T>, group_product<11, T>, group_product<12, T>};

template <class T>
void run_steps(const LstmSequence<T>& lstm, LstmSteps<T> step) {
  alignas(64) T pre[4 * LstmSequence<T>::kMostHidden];
  const std::size_t H = lstm.hidden();
  LstmForward<T> gates = plain_lstm_forward<T>(H, {pre, 0}, {step.c, 0}, {step.c, 0}, {step.y, 0});
  for (; step.count > 0; --step.count) {
    gates.h = {step.y, 0};
    for (const auto& group : lstm.groups()) {
      kGroupProduct<T>[group.vectors - 1](lstm, group, step, pre);
      for_groups_of_pieces<T>(0, 1, group.unit, group.units, GatesForward<T, LstmPolicy{}>{gates});
    }
    step.h = step.y;
    step.y += H;
    step.x += lstm.inputs();
    if (step.products != nullptr) step.products += 4 * H;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kRun, run_steps);

namespace {

/// Vectors whose sums are held in registers at a time, on every target.
constexpr std::size_t kMostVectors = 12;

/// Vector v of row k, counted over all panels.
template <class T>
const T* vector_of(const PackedMatrix<T>& matrix, std::size_t k, std::size_t v) {
  const std::size_t per_panel = matrix.vectors(0), panel = v / per_panel;
  return matrix.panel(panel) + (k * matrix.vectors(panel) + v % per_panel) * matrix.lanes();
}

}  // namespace

template <class T>
bool LstmSequence<T>::takes(std::size_t inputs, std::size_t hidden) noexcept {
  constexpr std::size_t most_bytes = std::size_t{1} << 18;
  return inputs <= kBlockK && hidden <= kMostHidden && 4 * hidden * hidden * sizeof(T) <= most_bytes;
}

template <class T>
void LstmSequence<T>::pack(const PackedMatrix<T>& input, const PackedMatrix<T>& recurrent, const T* bias) {
  inputs_ = input.k();
  hidden_ = recurrent.k();
  target_ = recurrent.target();
  const std::size_t lanes = recurrent.lanes(), panels = recurrent.panels();
  const std::size_t at_once = std::max<std::size_t>(1, kMostVectors / recurrent.vectors(0));
  const std::size_t vectors = (panels - 1) * recurrent.vectors(0) + recurrent.vectors(panels - 1);
  columns_.assign(recurrent.columns(0), recurrent.columns(0) + vectors);
  weights_.assign(vectors * lanes * (1 + inputs_ + hidden_), T{0});
  groups_.clear();
  T* out = weights_.data();
  for (std::size_t panel = 0, end; panel < panels; panel = end) {
    end = std::min(panel + at_once, panels);
    const std::size_t first = panel * recurrent.vectors(0), unit = recurrent.units_before(panel);
    const std::size_t count = std::min(end * recurrent.vectors(0), vectors) - first;
    groups_.push_back({columns_.data() + first, count, unit, recurrent.units_before(end) - unit, out});
    for (std::size_t v = 0; v < count; ++v, out += lanes)
      std::copy_n(bias + columns_[first + v].begin, columns_[first + v].count, out);
    for (const PackedMatrix<T>* matrix : {&input, &recurrent})
      for (std::size_t k = 0; k < matrix->k(); ++k)
        for (std::size_t v = 0; v < count; ++v, out += lanes)
          std::copy_n(vector_of(*matrix, k, first + v), lanes, out);
  }
}

template <class T>
void LstmSequence<T>::run(LstmSteps<T> steps) const noexcept {
  kRun<T>[target_](*this, steps);
}

template class LstmSequence<float>;
template class LstmSequence<double>;

}  // namespace carousel::kernels
#endif
