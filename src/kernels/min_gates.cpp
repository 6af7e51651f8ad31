#include "kernels/min_gates.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/min_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
HWY_INLINE Vector<T> one_minus(Vector<T> x) {
  return hn::Sub(hn::Set(Tag<T>(), T{1}), x);
}

/// i / (i + f), both multiplied by their denominators. Where both pre-activations are so low that both gates
/// may underflow, they are e^a but for less than their rounding: sigmoid(a_i - a_f).
template <class T>
HWY_INLINE Vector<T> input_share(const SigmoidParts<T>& i, Vector<T> a_i, const SigmoidParts<T>& f,
                                 Vector<T> a_f) {
  const Tag<T> d;
  const auto of_i = mul_add(i.numerator, f.z, i.numerator), of_f = mul_add(f.numerator, i.z, f.numerator);
  const auto ordinary = hn::Div(of_i, hn::Add(of_i, of_f));
  const auto numbers = hn::And(hn::Eq(a_i, a_i), hn::Eq(a_f, a_f));
  const auto z = hn::IfThenElse(numbers, ordinary, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
  const auto low = hn::And(hn::Lt(a_i, hn::Set(d, T{-40})), hn::Lt(a_f, hn::Set(d, T{-40})));
  if (HWY_LIKELY(hn::AllFalse(d, low))) return z;
  return hn::IfThenElse(low, lane_sigmoid<T>(hn::Sub(a_i, a_f)), z);
}

template <class T>
struct MinGatesForward {
  MinGates what;
  Rows<T> rows;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const std::size_t H = what.hidden;
    T* gates = rows.row(row);
    if (what.form == MinForm::lstm) {
      const auto a_i = at.load(gates), a_f = at.load(gates + H);
      const auto parts_i = sigmoid_parts<T>(a_i), parts_f = sigmoid_parts<T>(a_f);
      at.store(sigmoid_from<T>(parts_i, a_i), gates);
      at.store(sigmoid_from<T>(parts_f, a_f), gates + H);
      at.store(input_share<T>(parts_i, a_i, parts_f, a_f), gates + what.z());
    } else {
      at.store(lane_sigmoid<T>(at.load(gates)), gates);
    }
    if (!what.positive) return;
    const auto g = at.load(gates + what.g());
    const auto raised = hn::Add(g, hn::Set(Tag<T>(), T{0.5}));
    at.store(hn::IfThenElse(hn::Ge(g, hn::Zero(Tag<T>())), raised, lane_sigmoid<T>(g)), gates + what.g());
  }
};

/// What goes from step to step, of one piece of the units.
template <class T>
struct Carried {
  Vector<T> value, start, decay, local;

  HWY_INLINE Carried(const T* carry, std::size_t H, const Piece<T>& at)
      : value(at.load(carry)),
        start(at.load(carry + H)),
        decay(at.load(carry + 2 * H)),
        local(at.load(carry + 3 * H)) {
    const auto given = mul_add(decay, start, local);
    const auto known = hn::Or(hn::Eq(given, value), hn::And(hn::IsNaN(given), hn::IsNaN(value)));
    start = hn::IfThenElse(known, start, value);
    decay = hn::IfThenElse(known, decay, hn::Set(Tag<T>(), T{1}));
    local = hn::IfThenElse(known, local, hn::Zero(Tag<T>()));
  }
  HWY_INLINE void begin_block() {
    start = value;
    decay = hn::Set(Tag<T>(), T{1});
    local = hn::Zero(Tag<T>());
  }
  HWY_INLINE void advance(Vector<T> a, Vector<T> c) {
    decay = hn::Mul(a, decay);
    local = mul_add(a, local, c);
    value = mul_add(decay, start, local);
  }
  HWY_INLINE void store(T* carry, std::size_t H, const Piece<T>& at) const {
    at.store(canonical<T>(value), carry);
    at.store(canonical<T>(start), carry + H);
    at.store(canonical<T>(decay), carry + 2 * H);
    at.store(canonical<T>(local), carry + 3 * H);
  }
};

/// Calls step(n) for n = 0, ..., steps - 1, and before the first of each block begin_block().
template <class T, class Step>
HWY_INLINE void for_steps(std::size_t steps, std::size_t left, Carried<T>& carried, const Step& step) {
  for (std::size_t n = 0; n < steps; left = kMinBlock) {
    if (left == kMinBlock) carried.begin_block();
    for (const std::size_t end = std::min(steps, n + left); n < end; ++n) step(n);
  }
}

template <class T, bool kCarryOnly>
struct MinScanForward {
  const MinScan<T>& scan;

  HWY_INLINE void run(const Piece<T>& at) const {
    const std::size_t H = scan.what.hidden;
    Carried<T> carried(scan.carry, H, at);
    for_steps(scan.steps, scan.left, carried, [&](std::size_t n) HWY_ATTR {
      const T* gates = scan.gates.row(n);
      const auto z = at.load(gates + scan.what.z());
      carried.advance(one_minus<T>(z), hn::Mul(z, at.load(gates + scan.what.g())));
      if constexpr (!kCarryOnly) at.store(canonical<T>(carried.value), scan.h.row(n));
    });
    carried.store(scan.carry, H, at);
  }
};

template <class T, bool kCarryOnly>
struct MinScanBackward {
  const MinScanBack<T>& scan;

  HWY_INLINE void run(const Piece<T>& at) const {
    const std::size_t H = scan.what.hidden;
    Carried<T> carried(scan.carry, H, at);
    for_steps(scan.steps, scan.left, carried, [&](std::size_t n) HWY_ATTR {
      const std::size_t step = scan.steps - 1 - n;
      const auto z = at.load(scan.gates.row(step) + scan.what.z()), dy = at.load(scan.dy.row(step));
      if constexpr (!kCarryOnly) gates_back(step, z, hn::Add(dy, carried.value), at);
      const auto keep = one_minus<T>(z);
      carried.advance(keep, hn::Mul(keep, dy));
    });
    carried.store(scan.carry, H, at);
  }

  HWY_INLINE void gates_back(std::size_t step, Vector<T> z, Vector<T> dh, const Piece<T>& at) const {
    const MinGates& what = scan.what;
    const std::size_t H = what.hidden;
    const T* gates = scan.gates.row(step);
    T* dgates = scan.dgates.row(step);
    const auto g = at.load(gates + what.g());
    const auto h = at.load(step > 0 ? scan.h.row(step - 1) : scan.h_previous);
    const auto share = hn::Mul(hn::Mul(dh, hn::Sub(g, h)), sigmoid_slope(z));
    if (what.form == MinForm::lstm) {
      at.store(canonical<T>(hn::Mul(share, one_minus<T>(at.load(gates)))), dgates);
      at.store(canonical<T>(hn::Neg(hn::Mul(share, one_minus<T>(at.load(gates + H))))), dgates + H);
    } else {
      at.store(canonical<T>(share), dgates);
    }
    auto dg = hn::Mul(dh, z);
    if (what.positive)  // a value below 1/2 came from the sigmoid
      dg = hn::IfThenElse(hn::Lt(g, hn::Set(Tag<T>(), T{0.5})), hn::Mul(dg, sigmoid_slope(g)), dg);
    at.store(canonical<T>(dg), dgates + what.g());
  }
};

template <class T>
struct MinScanJoin {
  std::size_t hidden;
  const T* carry;
  T* after;

  HWY_INLINE void run(const Piece<T>& at) const {
    at.store(canonical<T>(
                 mul_add(at.load(carry + 2 * hidden), at.load(carry + hidden), at.load(carry + 3 * hidden))),
             after);
  }
};

template <class T>
void gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, MinGatesForward<T>{what, gates});
}

template <class T>
void scan_forward(const MinScan<T>& scan) {
  if (scan.h.data == nullptr) {
    for_each_piece<T>(scan.what.hidden, MinScanForward<T, true>{scan});
  } else {
    for_each_piece<T>(scan.what.hidden, MinScanForward<T, false>{scan});
  }
}

template <class T>
void scan_backward(const MinScanBack<T>& scan) {
  if (scan.dgates.data == nullptr) {
    for_each_piece<T>(scan.what.hidden, MinScanBackward<T, true>{scan});
  } else {
    for_each_piece<T>(scan.what.hidden, MinScanBackward<T, false>{scan});
  }
}

template <class T>
void scan_join(std::size_t hidden, const T* carry, T* after) {
  for_each_piece<T>(hidden, MinScanJoin<T>{hidden, carry, after});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kScan, scan_forward);
CAROUSEL_KERNEL_TABLE(kScanBack, scan_backward);
CAROUSEL_KERNEL_TABLE(kJoin, scan_join);

template <class T>
void min_gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows,
                       std::size_t unit, std::size_t units) noexcept {
  kForward<T>[target_index()](what, gates, row, rows, unit, units);
}

template <class T>
void min_scan_forward(const MinScan<T>& scan) noexcept {
  kScan<T>[target_index()](scan);
}

template <class T>
void min_scan_backward(const MinScanBack<T>& scan) noexcept {
  kScanBack<T>[target_index()](scan);
}

template <class T>
void min_scan_join(std::size_t hidden, const T* carry, T* after) noexcept {
  kJoin<T>[target_index()](hidden, carry, after);
}

template void min_gates_forward(const MinGates&, Rows<float>, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void min_gates_forward(const MinGates&, Rows<double>, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void min_scan_forward(const MinScan<float>&) noexcept;
template void min_scan_forward(const MinScan<double>&) noexcept;
template void min_scan_backward(const MinScanBack<float>&) noexcept;
template void min_scan_backward(const MinScanBack<double>&) noexcept;
template void min_scan_join(std::size_t, const float*, float*) noexcept;
template void min_scan_join(std::size_t, const double*, double*) noexcept;

}  // namespace carousel::kernels
#endif
