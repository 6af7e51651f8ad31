#include "kernels/gru_gates.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gru_gates.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
HWY_INLINE Vector<T> one_minus(Vector<T> x) {
  return hn::Sub(hn::Set(Tag<T>(), T{1}), x);
}

/// r, and what it leaves of h.
template <class T>
struct ResetForward {
  GruForward<T> step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    T* gates = step.gates.row(row);
    const std::size_t H = step.hidden;
    const auto r = lane_sigmoid<T>(at.load(gates + 2 * H));
    at.store(r, gates + 2 * H);
    at.store(canonical<T>(hn::Mul(r, at.load(step.h_previous.row(row)))), gates + 3 * H);
  }
};

/// n, z and h; where the reset comes after the product, r before them.
template <class T, bool kResetAfter>
struct UpdateForward {
  GruForward<T> step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const { run({RowPiece<T>{row, at}}); }
  template <std::size_t N>
  HWY_INLINE void run(const RowPiece<T> (&at)[N]) const {
    const std::size_t H = step.hidden;
    Vector<T> candidate[N], z[N];
    for (std::size_t n = 0; n < N; ++n) {
      candidate[n] = at[n].piece.load(step.gates.row(at[n].row));
      z[n] = at[n].piece.load(step.gates.row(at[n].row) + H);
    }
    if constexpr (kResetAfter) reset(at, candidate);
    for (std::size_t n = 0; n < N; ++n) candidate[n] = lane_tanh<T>(candidate[n]);
    for (std::size_t n = 0; n < N; ++n) z[n] = lane_sigmoid<T>(z[n]);
    for (std::size_t n = 0; n < N; ++n) {
      T* gates = step.gates.row(at[n].row);
      const auto h = at[n].piece.load(step.h_previous.row(at[n].row));
      at[n].piece.store(candidate[n], gates);
      at[n].piece.store(z[n], gates + H);
      at[n].piece.store(canonical<T>(mul_add(z[n], h, hn::Mul(one_minus<T>(z[n]), candidate[n]))),
                        step.h.row(at[n].row));
    }
  }

 private:
  template <std::size_t N>
  HWY_INLINE void reset(const RowPiece<T> (&at)[N], Vector<T> (&candidate)[N]) const {
    const std::size_t H = step.hidden;
    Vector<T> r[N];
    for (std::size_t n = 0; n < N; ++n) r[n] = at[n].piece.load(step.gates.row(at[n].row) + 2 * H);
    for (std::size_t n = 0; n < N; ++n) r[n] = lane_sigmoid<T>(r[n]);
    for (std::size_t n = 0; n < N; ++n) {
      T* gates = step.gates.row(at[n].row);
      at[n].piece.store(r[n], gates + 2 * H);
      candidate[n] = mul_add(r[n], at[n].piece.load(gates + 3 * H), candidate[n]);
    }
  }
};

/// dn and dz, and what of dh goes straight to h_{t-1}; where the reset comes after the product, dr and ds
/// too.
template <class T, bool kResetAfter>
struct UpdateBackward {
  GruBackward<T> step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const std::size_t H = step.hidden;
    const T* gates = step.gates.row(row);
    T *dh = step.dh.row(row), *dgates = step.dgates.row(row);
    const auto n = at.load(gates);
    const auto z = at.load(gates + H);
    const auto d = at.load(dh);
    const auto dn = hn::Mul(hn::Mul(d, one_minus<T>(z)), tanh_slope<T>(n));
    const auto dz = hn::Mul(hn::Mul(d, hn::Sub(at.load(step.h_previous.row(row)), n)), sigmoid_slope(z));
    at.store(canonical<T>(dn), dgates);
    at.store(canonical<T>(dz), dgates + H);
    at.store(canonical<T>(hn::Mul(d, z)), dh);
    if constexpr (kResetAfter) {
      const auto r = at.load(gates + 2 * H);
      const auto dr = hn::Mul(hn::Mul(dn, at.load(gates + 3 * H)), sigmoid_slope(r));
      at.store(canonical<T>(dr), dgates + 2 * H);
      at.store(canonical<T>(hn::Mul(dn, r)), dgates + 3 * H);
    }
  }
};

/// From ds: dr, and what of it goes to h_{t-1}.
template <class T>
struct ResetBackward {
  GruBackward<T> step;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const std::size_t H = step.hidden;
    T *dh = step.dh.row(row), *dgates = step.dgates.row(row);
    const auto r = at.load(step.gates.row(row) + 2 * H);
    const auto ds = at.load(dgates + 3 * H);
    const auto dr = hn::Mul(hn::Mul(ds, at.load(step.h_previous.row(row))), sigmoid_slope(r));
    at.store(canonical<T>(dr), dgates + 2 * H);
    at.store(canonical<T>(mul_add(ds, r, at.load(dh))), dh);
  }
};

template <class T>
void gates_forward(const GruForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  switch (step.part) {
    case GruPart::all:
      return for_groups_of_pieces<T>(row, rows, unit, units, UpdateForward<T, true>{step});
    case GruPart::reset:
      return for_pieces_of_rows<T>(row, rows, unit, units, ResetForward<T>{step});
    case GruPart::update:
      return for_pieces_of_rows<T>(row, rows, unit, units, OneByOne<T, UpdateForward<T, false>>{{step}});
  }
}

template <class T>
void gates_backward(const GruBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                    std::size_t units) {
  switch (step.part) {
    case GruPart::all:
      return for_pieces_of_rows<T>(row, rows, unit, units, UpdateBackward<T, true>{step});
    case GruPart::reset:
      return for_pieces_of_rows<T>(row, rows, unit, units, ResetBackward<T>{step});
    case GruPart::update:
      return for_pieces_of_rows<T>(row, rows, unit, units, UpdateBackward<T, false>{step});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kBackward, gates_backward);

template <class T>
void gru_gates_forward(const GruForward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) noexcept {
  kForward<T>[target_index()](step, row, rows, unit, units);
}

template <class T>
void gru_gates_backward(const GruBackward<T>& step, std::size_t row, std::size_t rows, std::size_t unit,
                        std::size_t units) noexcept {
  kBackward<T>[target_index()](step, row, rows, unit, units);
}

template void gru_gates_forward(const GruForward<float>&, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void gru_gates_forward(const GruForward<double>&, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void gru_gates_backward(const GruBackward<float>&, std::size_t, std::size_t, std::size_t,
                                 std::size_t) noexcept;
template void gru_gates_backward(const GruBackward<double>&, std::size_t, std::size_t, std::size_t,
                                 std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
