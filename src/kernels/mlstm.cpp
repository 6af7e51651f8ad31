#include "kernels/mlstm.h"

#include <cmath>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mlstm.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"
#include "kernels/mlstm_tiles-inl.h"
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

/// exp, in place.
template <class T>
HWY_INLINE void exp_of(T* values, std::size_t n) {
  for_pieces<T>(n, [&](const Piece<T>& at) HWY_ATTR { at.store(lane_exp<T>(at.load(values)), values); });
}

/// to = scale from, [d], filled up with zeros to whole vectors.
template <class T>
HWY_INLINE void lay_out(std::size_t size, T scale, const T* from, T* to) {
  const Tag<T> d;
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::Set(d, scale), at.load(from)), d, to + at.begin);
  });
}

/// What is going to be read or written, [d] from `first` on. Rows of the steps lie apart, which the CPU does
/// not foresee.
template <class T>
HWY_INLINE void prefetch(std::size_t size, std::size_t first, std::initializer_list<const T*> rows) {
  for (const T* const row : rows)
    for (std::size_t at = first; at < first + size; at += kCacheLine / sizeof(T))
      __builtin_prefetch(row + at);
}

/// m, i and f of all steps; floors: exp(-m).
template <class T>
HWY_INLINE void stabilise(const MlstmForward<T>& run, T* floors) {
  const MlstmRow& what = run.what;
  const std::size_t steps = run.steps;
  T powers[3 * kMlstmSteps];
  for (std::size_t s = 0; s < steps; ++s) {
    T* const row = run.row[s] + run.head;
    const T i = row[what.i()], kept = row[what.f()] + *run.m, m = kept >= i ? kept : i;
    powers[s] = i - m;
    powers[steps + s] = kept - m;
    powers[2 * steps + s] = -m;
    *run.m = row[what.m()] = canonical_one(m);
  }
  exp_of(powers, 3 * steps);
  for (std::size_t s = 0; s < steps; ++s) {
    run.row[s][what.i() + run.head] = powers[s];
    run.row[s][what.f() + run.head] = powers[steps + s];
    floors[s] = powers[2 * steps + s];
  }
}

template <class T>
void forward(const MlstmForward<T>& run) {
  const Tag<T> d;
  const MlstmRow& what = run.what;
  const std::size_t size = what.size, first = run.head * size, width = what.padded();
  T *const q = run.scratch, *const k = q + run.steps * width, *const v = k + run.steps * width,
           *const product = v + run.steps * width;
  T floors[kMlstmSteps], decay[kMlstmSteps];
  stabilise(run, floors);
  for (std::size_t s = 0; s < run.steps; ++s) {
    T* const row = run.row[s];
    lay_out(size, T{1}, row + first, q + s * width);
    lay_out(size, T{1}, row + what.k() + first, k + s * width);
    lay_out(size, row[what.i() + run.head], row + what.v() + first, v + s * width);
    prefetch<T>(size, first, {row + what.o(), run.h[s]});
  }
  for (std::size_t s = 0; s < run.steps; ++s) {
    T* const row = run.row[s];
    decay[s] = row[what.f() + run.head];
    combine<T>(size, row[what.i() + run.head], k + s * width, decay[s], run.n, run.n);
    row[what.s() + run.head] = dot_of<T>(run.n, q + s * width, size);
  }
  const MatrixSteps<T> steps{size, run.steps, decay, static_cast<std::ptrdiff_t>(width), k, v, q, product};
  for_tiles<T>(size, ThroughSteps<T>{steps, run.C, run.C});
  for (std::size_t s = 0; s < run.steps; ++s) {
    T* const row = run.row[s];
    const auto by = hn::Set(d, divisor(row[what.s() + run.head], floors[s]));
    for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
      const auto read = hn::Div(at.load(product + s * width), by);
      at.store(canonical<T>(hn::Mul(at.load(row + what.o() + first), read)), run.h[s] + first);
    });
  }
}

/// What the steps back need of each step.
template <class T>
struct Note {
  T *on_product, *n_before;  ///< [kMlstmSteps, padded]
  T *on_s, *on_m;            ///< [kMlstmSteps]
};
template <class T>
HWY_INLINE Note<T> note_at(const MlstmRow& what, T* note) {
  const std::size_t vectors = kMlstmSteps * what.padded();
  return {note, note + vectors, note + 2 * vectors, note + 2 * vectors + kMlstmSteps};
}

/// From h of one step to C q: the gradients on it, on s, on m and on o. As h = o * C q / divisor, h stands
/// for the quotient: (dh * o) . (C q / divisor) is dh . h.
template <class T>
HWY_INLINE void back_through_outputs(const MlstmAgain<T>& run, const Note<T>& note, std::size_t step,
                                     T floor) {
  const Tag<T> d;
  const MlstmRow& what = run.what;
  const std::size_t size = what.size, first = run.head * size;
  const T *o = run.row[step] + what.o() + first, *h = run.h[step] + first, *dh = run.dh[step] + first;
  T* const d_o = run.dgates[step] + what.o() + first;
  const T s = run.row[step][what.s() + run.head];
  const T common = dot_of<T>(dh, h, size);  // with it h falls where its divisor grows
  note.on_s[step] = canonical_one(std::abs(s) > floor ? -common / s : T{0});
  note.on_m[step] = std::abs(s) > floor ? T{0} : common;
  const auto one = hn::Set(d, T{1}), by = hn::Set(d, divisor(s, floor));
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto gate = at.load(o), above = at.load(dh);
    at.store(canonical<T>(hn::Mul(hn::Mul(above, at.load(h)), hn::Sub(one, gate))), d_o);
    at.store(canonical<T>(hn::Div(hn::Mul(above, gate), by)), note.on_product + step * what.padded());
  });
}

template <class T>
void again(const MlstmAgain<T>& run) {
  const MlstmRow& what = run.what;
  const std::size_t size = what.size, first = run.head * size, width = what.padded();
  const Note<T> note = note_at(what, run.note);
  T *const k = run.scratch, *const v = k + run.steps * width, *const dq = v + run.steps * width;
  T decay[kMlstmSteps], floors[kMlstmSteps];
  for (std::size_t s = 0; s < run.steps; ++s) floors[s] = -run.row[s][what.m() + run.head];
  exp_of(floors, run.steps);
  for (std::size_t s = 0; s < run.steps; ++s) {
    const T* const row = run.row[s];
    lay_out(size, T{1}, row + what.k() + first, k + s * width);
    lay_out(size, row[what.i() + run.head], row + what.v() + first, v + s * width);
    prefetch<T>(size, first, {row + what.o(), run.h[s], run.dh[s], run.dgates[s], run.dgates[s] + what.o()});
  }
  for (std::size_t s = 0; s < run.steps; ++s) {
    const T* const row = run.row[s];
    decay[s] = row[what.f() + run.head];
    back_through_outputs(run, note, s, floors[s]);
    lay_out<T>(size, T{1}, run.n, note.n_before + s * width);
    combine<T>(size, row[what.i() + run.head], k + s * width, decay[s], run.n, run.n);
  }
  const MatrixSteps<T> steps{size, run.steps, decay,           static_cast<std::ptrdiff_t>(width),
                             v,    k,         note.on_product, dq};
  for_tiles<T>(size, ThroughSteps<T>{steps, run.C_before, run.C});
  for (std::size_t s = 0; s < run.steps; ++s) {
    const T* const n = s + 1 < run.steps ? note.n_before + (s + 1) * width : run.n;
    combine<T>(size, note.on_s[s], n, T{1}, dq + s * width, run.dgates[s] + first);
  }
}

/// What reaches k, v, i, f and the memory before one step, given what came out of the steps back through C:
/// into_k and into_v [d], and overlap [d], whose sum is that of dC and C_{t-1}.
template <class T>
HWY_INLINE void back_to_gates(const MlstmBackward<T>& run, const Note<const T>& note, std::size_t step,
                              T* into_k, const T* into_v, T* overlap) {
  const Tag<T> d;
  const MlstmRow& what = run.what;
  const std::size_t size = what.size, first = run.head * size;
  const T* const row = run.row[step];
  const T i = row[what.i() + run.head], f = row[what.f() + run.head];
  T* const dgates = run.dgates[step];
  combine<T>(size, note.on_s[step], row + first, T{1}, run.dn, run.dn);
  const auto scale = hn::Set(d, T{1} / std::sqrt(static_cast<T>(size))), taken = hn::Set(d, i);
  for_pieces<T>(size, [&](const Piece<T>& at) HWY_ATTR {
    const auto dn = at.load(run.dn), both = hn::Add(at.load(into_k), dn);
    at.store(both, into_k);
    at.store(canonical<T>(hn::Mul(hn::Mul(taken, both), scale)), dgates + what.k() + first);
    at.store(canonical<T>(hn::Mul(taken, at.load(into_v))), dgates + what.v() + first);
    at.store(mul_add(dn, at.load(note.n_before + step * what.padded()), at.load(overlap)), overlap);
    at.store(canonical<T>(hn::Mul(hn::Set(d, f), dn)), run.dn);
  });
  T on_i = i * dot_of<T>(into_k, row + what.k() + first, size),
    on_f = f * reduce<Plus<T>, T>(size, Elements<T>{overlap});
  const T on_m = *run.dm + note.on_m[step] - (on_i + on_f);
  (f == T{1} ? on_f : on_i) += on_m;  // of whichever m is
  dgates[what.i() + run.head] = canonical_one(on_i);
  dgates[what.f() + run.head] = canonical_one(on_f * row[what.slope() + run.head]);
  *run.dm = canonical_one(on_f);
}

template <class T>
void backward(const MlstmBackward<T>& run) {
  const MlstmRow& what = run.what;
  const std::size_t size = what.size, first = run.head * size, width = what.padded(),
                    count = run.end - run.begin;
  const std::ptrdiff_t forth = static_cast<std::ptrdiff_t>(width);
  const Note<const T> note = note_at<const T>(what, run.note);
  constexpr std::size_t kSteps = kMlstmSteps;
  T *const q = run.scratch, *const k = q + kSteps * width, *const v = k + kSteps * width,
           *const iv = v + kSteps * width, *const into_k = iv + kSteps * width,
           *const into_v = into_k + kSteps * width, *const overlap = into_v + kSteps * width;
  T decay[kSteps], decay_back[kSteps];
  for (std::size_t s = 0; s < run.end; ++s) {
    const T* const row = run.row[s];
    decay[s] = row[what.f() + run.head];
    lay_out(size, T{1}, row + first, q + s * width);
    lay_out(size, T{1}, row + what.k() + first, k + s * width);
    lay_out(size, T{1}, row + what.v() + first, v + s * width);
    lay_out(size, row[what.i() + run.head], row + what.v() + first, iv + s * width);
    prefetch<T>(size, first, {run.dgates[s] + what.k(), run.dgates[s] + what.v()});
  }
  decay_back[0] = *run.decay;
  // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): count is at most run.end
  for (std::size_t s = 1; s < count; ++s) decay_back[s] = decay[run.end - s];
  const std::size_t last = (run.end - 1) * width;
  const T* const on_product = note.on_product + last;
  const MatrixSteps<T> made{size, run.end, decay, forth, iv, k, k, overlap};
  const MatrixSteps<T> keys{size, count, decay_back, -forth, on_product, q + last, v + last, into_k + last};
  for_tiles<T>(size, BackThroughSteps<T>{made, run.C_before, keys, run.dC_turned, overlap + last});
  const MatrixSteps<T> values{size, count, decay_back, -forth, q + last, on_product, k + last, into_v + last};
  for_tiles<T>(size, ThroughSteps<T>{values, run.dC, run.dC});
  for (std::size_t s = run.end; s-- > run.begin;)
    back_to_gates(run, note, s, into_k + s * width, into_v + s * width, overlap + s * width);
  *run.decay = decay[run.begin];
}

template <class T>
void decay(std::size_t n, T by, T* values) {
  for_pieces<T>(n, [&](const Piece<T>& at) HWY_ATTR {
    at.store(canonical<T>(hn::Mul(hn::Set(Tag<T>(), by), at.load(values))), values);
  });
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
CAROUSEL_KERNEL_TABLE(kDecay, decay);

template <class T>
void mlstm_gates(const MlstmRow& what, Rows<T> gates, std::size_t row, std::size_t rows) noexcept {
  kGates<T>[target_index()](what, gates, row, rows);
}
template <class T>
void mlstm_forward(const MlstmForward<T>& run) noexcept {
  kForward<T>[target_index()](run);
}
template <class T>
void mlstm_again(const MlstmAgain<T>& run) noexcept {
  kAgain<T>[target_index()](run);
}
template <class T>
void mlstm_backward(const MlstmBackward<T>& run) noexcept {
  kBackward<T>[target_index()](run);
}
template <class T>
void mlstm_decay(std::size_t n, T by, T* values) noexcept {
  kDecay<T>[target_index()](n, by, values);
}

template void mlstm_gates(const MlstmRow&, Rows<float>, std::size_t, std::size_t) noexcept;
template void mlstm_gates(const MlstmRow&, Rows<double>, std::size_t, std::size_t) noexcept;
template void mlstm_forward(const MlstmForward<float>&) noexcept;
template void mlstm_forward(const MlstmForward<double>&) noexcept;
template void mlstm_again(const MlstmAgain<float>&) noexcept;
template void mlstm_again(const MlstmAgain<double>&) noexcept;
template void mlstm_backward(const MlstmBackward<float>&) noexcept;
template void mlstm_backward(const MlstmBackward<double>&) noexcept;
template void mlstm_decay(std::size_t, float, float*) noexcept;
template void mlstm_decay(std::size_t, double, double*) noexcept;

}  // namespace carousel::kernels
#endif
