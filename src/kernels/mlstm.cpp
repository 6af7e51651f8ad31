#include "kernels/mlstm.h"

#include <cmath>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mlstm.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"
#include "kernels/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Calls body(piece) for all pieces of n elements.
template <class T, class Body>
HWY_INLINE void for_pieces(std::size_t n, const Body& body) {
  for (std::size_t at = 0; at < n; at += kVectorLanes<T>)
    body(Piece<T>{at, std::min(kVectorLanes<T>, n - at)});
}

template <class T>
T canonical_one(T value) {
  return value == value ? value : std::numeric_limits<T>::quiet_NaN();
}

/// What all matrices of a head go through: to[a][b] = fma(x_scale x[a], y_scale y[b], decay from[a][b]);
/// product[b] = the sum over a of to[a][b] z[a], and overlap[b] that of to[a][b] other[a][b]. [d, d], and
/// [d].
template <class T>
struct MatrixStep {
  std::size_t size;
  T decay;
  const T *x, *y;
  T x_scale, y_scale;
  const T* from;
  T* to;
  const T* z;
  T* product;
  const T* other = nullptr;
  T* overlap = nullptr;

  HWY_INLINE void run() const {
    const Tag<T> d;
    for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
      const auto row = hn::Mul(hn::Set(d, y_scale), at.load(y)), keep = hn::Set(d, decay);
      auto sum = hn::Zero(d), common = hn::Zero(d);
      for (std::size_t a = 0; a < size; ++a) {
        const auto added = hn::Set(d, x_scale * x[a]);
        const auto next = canonical<T>(mul_add(added, row, hn::Mul(keep, at.load(from + a * size))));
        at.store(next, to + a * size);
        sum = mul_add(next, hn::Set(d, z[a]), sum);
        if (other != nullptr) common = mul_add(next, at.load(other + a * size), common);
      }
      at.store(canonical<T>(sum), product);
      if (other != nullptr) at.store(canonical<T>(common), overlap);
    });
  }
};

/// out = scale a + decay b, [d], as fma(scale, a, decay b).
template <class T>
HWY_INLINE void combine(std::size_t size, T scale, const T* a, T decay, const T* b, T* out) {
  const Tag<T> d;
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto rest = hn::Mul(hn::Set(d, decay), at.load(b));
    at.store(canonical<T>(mul_add(hn::Set(d, scale), at.load(a), rest)), out);
  });
}

template <class T>
HWY_INLINE T dot_of(const T* a, const T* b, std::size_t n) {
  return reduce<Plus<T>, T>(n, Products<T>{a, b});
}

template <class T>
void gates(const MlstmRow& what, Rows<T> rows, std::size_t row, std::size_t count) {
  const Tag<T> d;
  const auto scale = hn::Set(d, T{1} / std::sqrt(static_cast<T>(what.size)));
  const auto one = hn::Set(d, T{1});
  for (std::size_t r = row; r < row + count; ++r) {
    T* const gates = rows.row(r);
    for_pieces<T>(what.hidden(), [&](const Piece<T>& at) HWY_ATTR {
      at.store(hn::Mul(at.load(gates + what.k()), scale), gates + what.k());
      at.store(lane_sigmoid<T>(at.load(gates + what.o())), gates + what.o());
    });
    for_pieces<T>(what.heads, [&](const Piece<T>& at) HWY_ATTR {
      if (what.exponential) return at.store(one, gates + what.slope());
      const auto a = at.load(gates + what.f()), f = lane_sigmoid<T>(a);
      at.store(lane_log_sigmoid<T>(a, f), gates + what.f());
      at.store(hn::Sub(one, f), gates + what.slope());
    });
  }
}

/// max(|s|, exp(-m))
template <class T>
T divisor(T s, T floor) {
  return std::abs(s) > floor ? std::abs(s) : floor;
}

/// exp of n <= 4 values, in place.
template <class T>
HWY_INLINE void exp_few(T* values, std::size_t n) {
  for_pieces<T>(n, [&](const Piece<T>& at) HWY_ATTR { at.store(lane_exp<T>(at.load(values)), values); });
}

template <class T>
void forward(const MlstmForward<T>& step) {
  const Tag<T> d;
  const MlstmRow& what = step.what;
  const std::size_t size = what.size, first = step.head * size;
  T &i = step.row[what.i() + step.head], &f = step.row[what.f() + step.head];
  const T kept = f + *step.m, m = kept >= i ? kept : i;
  T powers[3] = {i - m, kept - m, -m};
  exp_few(powers, 3);
  i = powers[0];
  f = powers[1];
  *step.m = step.row[what.m() + step.head] = canonical_one(m);

  const T *q = step.row + first, *k = q + what.k(), *v = q + what.v(), *o = q + what.o();
  T* const r = step.row + what.r() + first;
  combine(size, i, k, f, step.n, step.n);
  const T s = step.row[what.s() + step.head] = dot_of(step.n, q, size);
  MatrixStep<T>{size, f, k, v, T{1}, i, step.C, step.C, q, r}.run();
  const auto by = hn::Set(d, divisor(s, powers[2]));
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto read = canonical<T>(hn::Div(at.load(r), by));
    at.store(read, r);
    at.store(canonical<T>(hn::Mul(at.load(o), read)), step.h + first);
  });
}

template <class T>
void again(const MlstmAgain<T>& step) {
  const Tag<T> d;
  const MlstmRow& what = step.what;
  const std::size_t size = what.size, first = step.head * size;
  const T i = step.row[what.i() + step.head], f = step.row[what.f() + step.head],
          s = step.row[what.s() + step.head];
  T floor = -step.row[what.m() + step.head];
  exp_few(&floor, 1);
  const T *q = step.row + first, *k = q + what.k(), *v = q + what.v(), *o = q + what.o(), *r = q + what.r(),
          *dh = step.dh + first;
  T *const note = step.note, *const dq = step.dgates + first;

  const auto by = hn::Set(d, divisor(s, floor));
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto gate = at.load(o), above = at.load(dh);
    at.store(canonical<T>(hn::Mul(hn::Mul(above, at.load(r)), sigmoid_slope(gate))), dq + what.o());
    at.store(canonical<T>(hn::Mul(above, gate)), note);
  });
  const T common = dot_of(note, r, size);  // with it r falls where its divisor grows
  note[size] = canonical_one(std::abs(s) > floor ? -common / s : T{0});
  note[size + 1] = std::abs(s) > floor ? T{0} : common;
  for_pieces<T>(
      size, [&](const Piece<T>& at) HWY_ATTR { at.store(canonical<T>(hn::Div(at.load(note), by)), note); });
  MatrixStep<T>{size, f, v, k, i, T{1}, step.C_before, step.C, note, dq}.run();
  combine(size, i, k, f, step.n_before, step.n);
  combine(size, note[size], static_cast<const T*>(step.n), T{1}, dq, dq);
}

template <class T>
void backward(const MlstmBackward<T>& step) {
  const Tag<T> d;
  const MlstmRow& what = step.what;
  const std::size_t size = what.size, first = step.head * size;
  const T i = step.row[what.i() + step.head], f = step.row[what.f() + step.head];
  const T *q = step.row + first, *k = q + what.k(), *v = q + what.v(), *note = step.note;
  T *const dk = step.dgates + what.k() + first, *const dv = step.dgates + what.v() + first;
  T *const from_C = step.scratch, *const overlap = from_C + size, *const into_v = overlap + size;

  combine(size, note[size], q, T{1}, step.dn, step.dn);
  MatrixStep<T>{size,           *step.decay,    note, q,      T{1},          T{1},
                step.dC_turned, step.dC_turned, v,    from_C, step.C_before, overlap}
      .run();
  MatrixStep<T>{size, *step.decay, q, note, T{1}, T{1}, step.dC, step.dC, k, into_v}.run();
  const auto scale = hn::Set(d, T{1} / std::sqrt(static_cast<T>(size))), taken = hn::Set(d, i);
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto dn = at.load(step.dn), both = hn::Add(at.load(from_C), dn);
    at.store(both, from_C);
    at.store(canonical<T>(hn::Mul(hn::Mul(taken, both), scale)), dk);
    at.store(canonical<T>(hn::Mul(taken, at.load(into_v))), dv);
    at.store(mul_add(dn, at.load(step.n_before), at.load(overlap)), overlap);
    at.store(canonical<T>(hn::Mul(hn::Set(d, f), dn)), step.dn);
  });
  T on_i = i * dot_of(from_C, k, size), on_f = f * reduce<Plus<T>, T>(size, Elements<T>{overlap});
  const T on_m = *step.dm + note[size + 1] - (on_i + on_f);
  (f == T{1} ? on_f : on_i) += on_m;  // of whichever m is
  step.dgates[what.i() + step.head] = canonical_one(on_i);
  step.dgates[what.f() + step.head] = canonical_one(on_f * step.row[what.slope() + step.head]);
  *step.dm = canonical_one(on_f);
  *step.decay = f;
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kGates, gates);
CAROUSEL_KERNEL_TABLE(kForward, forward);
CAROUSEL_KERNEL_TABLE(kAgain, again);
CAROUSEL_KERNEL_TABLE(kBackward, backward);

template <class T>
void mlstm_gates(const MlstmRow& what, Rows<T> gates, std::size_t row, std::size_t rows) noexcept {
  kGates<T>[target_index()](what, gates, row, rows);
}
template <class T>
void mlstm_forward(const MlstmForward<T>& step) noexcept {
  kForward<T>[target_index()](step);
}
template <class T>
void mlstm_again(const MlstmAgain<T>& step) noexcept {
  kAgain<T>[target_index()](step);
}
template <class T>
void mlstm_backward(const MlstmBackward<T>& step) noexcept {
  kBackward<T>[target_index()](step);
}

template void mlstm_gates(const MlstmRow&, Rows<float>, std::size_t, std::size_t) noexcept;
template void mlstm_gates(const MlstmRow&, Rows<double>, std::size_t, std::size_t) noexcept;
template void mlstm_forward(const MlstmForward<float>&) noexcept;
template void mlstm_forward(const MlstmForward<double>&) noexcept;
template void mlstm_again(const MlstmAgain<float>&) noexcept;
template void mlstm_again(const MlstmAgain<double>&) noexcept;
template void mlstm_backward(const MlstmBackward<float>&) noexcept;
template void mlstm_backward(const MlstmBackward<double>&) noexcept;

}  // namespace carousel::kernels
#endif
