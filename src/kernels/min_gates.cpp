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

template <class T>
struct MinGatesForward {
  MinGates what;
  Rows<T> rows;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const std::size_t H = what.hidden;
    T* gates = rows.row(row);
    if (what.form == MinForm::lstm) {
      const auto a_i = at.load(gates), a_f = at.load(gates + H);
      const auto i = lane_sigmoid<T>(a_i), f = lane_sigmoid<T>(a_f);
      const auto share = hn::Sub(lane_log_sigmoid<T>(a_i, i), lane_log_sigmoid<T>(a_f, f));
      at.store(i, gates);
      at.store(f, gates + H);
      at.store(lane_sigmoid<T>(share), gates + what.z());
    } else {
      at.store(lane_sigmoid<T>(at.load(gates)), gates);
    }
    if (!what.positive) return;
    const auto g = at.load(gates + what.g());
    const auto raised = hn::Add(g, hn::Set(Tag<T>(), T{0.5}));
    at.store(hn::IfThenElse(hn::Ge(g, hn::Zero(Tag<T>())), raised, lane_sigmoid<T>(g)), gates + what.g());
  }
};

template <class T>
struct MinScanForward {
  const MinScan<T>& scan;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    auto h = at.load(scan.h_previous.row(row));
    for (std::size_t s = 0; s < scan.steps; ++s) {
      const T* gates = scan.gates.row(s, row);
      const auto z = at.load(gates + scan.what.z());
      h = mul_add(one_minus<T>(z), h, hn::Mul(z, at.load(gates + scan.what.g())));
      at.store(canonical<T>(h), scan.h.row(s, row));
    }
  }
};

template <class T>
struct MinScanBackward {
  const MinScanBack<T>& scan;

  HWY_INLINE void run(std::size_t row, const Piece<T>& at) const {
    const MinGates& what = scan.what;
    const std::size_t H = what.hidden;
    auto later = at.load(scan.dh.row(row));
    for (std::size_t s = scan.steps; s-- > 0;) {
      const T* gates = scan.gates.row(s, row);
      T* dgates = scan.dgates.row(s, row);
      const auto z = at.load(gates + what.z()), g = at.load(gates + what.g());
      const auto h = at.load(s > 0 ? scan.h.row(s - 1, row) : scan.h_previous.row(row));
      const auto dh = hn::Add(at.load(scan.dy.row(s, row)), later);
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
      later = canonical<T>(hn::Mul(dh, one_minus<T>(z)));
    }
    at.store(later, scan.dh.row(row));
  }
};

template <class T>
void gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, MinGatesForward<T>{what, gates});
}

template <class T>
void scan_forward(const MinScan<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                  std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, MinScanForward<T>{scan});
}

template <class T>
void scan_backward(const MinScanBack<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                   std::size_t units) {
  for_pieces_of_rows<T>(row, rows, unit, units, MinScanBackward<T>{scan});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kForward, gates_forward);
CAROUSEL_KERNEL_TABLE(kScan, scan_forward);
CAROUSEL_KERNEL_TABLE(kScanBack, scan_backward);

template <class T>
void min_gates_forward(const MinGates& what, Rows<T> gates, std::size_t row, std::size_t rows,
                       std::size_t unit, std::size_t units) noexcept {
  kForward<T>[target_index()](what, gates, row, rows, unit, units);
}

template <class T>
void min_scan_forward(const MinScan<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                      std::size_t units) noexcept {
  kScan<T>[target_index()](scan, row, rows, unit, units);
}

template <class T>
void min_scan_backward(const MinScanBack<T>& scan, std::size_t row, std::size_t rows, std::size_t unit,
                       std::size_t units) noexcept {
  kScanBack<T>[target_index()](scan, row, rows, unit, units);
}

template void min_gates_forward(const MinGates&, Rows<float>, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void min_gates_forward(const MinGates&, Rows<double>, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void min_scan_forward(const MinScan<float>&, std::size_t, std::size_t, std::size_t,
                               std::size_t) noexcept;
template void min_scan_forward(const MinScan<double>&, std::size_t, std::size_t, std::size_t,
                               std::size_t) noexcept;
template void min_scan_backward(const MinScanBack<float>&, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;
template void min_scan_backward(const MinScanBack<double>&, std::size_t, std::size_t, std::size_t,
                                std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
