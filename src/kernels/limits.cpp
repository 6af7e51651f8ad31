#include "kernels/limits.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/limits.cpp"
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Makes the compiler believe that a value is used.
template <class T>
HWY_INLINE void keep(Vector<T> v) {
  HWY_ALIGN T sink[kVectorLanes<T>];
  hn::Store(v, Tag<T>(), sink);
  asm volatile("" : : "r"(sink) : "memory");
}

template <class T>
double multiply_adds(std::size_t turns) {
  constexpr std::size_t chains = 12;  // latency 4 or 5 times two units, and no more than 16 registers hold
  const Tag<T> d;
  Vector<T> sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = hn::Set(d, static_cast<T>(i));
  const auto factor = hn::Set(d, T{0.999f}), term = hn::Set(d, T{0.001f});
  for (std::size_t turn = 0; turn < turns; ++turn) {
    for (Vector<T>& sum : sums) sum = mul_add(sum, factor, term);
  }
  for (std::size_t i = 1; i < chains; ++i) sums[0] = hn::Add(sums[0], sums[i]);
  keep<T>(sums[0]);
  return 2.0 * static_cast<double>(turns * chains * kVectorLanes<T>);
}

template <class T>
double read(const T* from, std::size_t n) {
  constexpr std::size_t chains = 8, lanes = kVectorLanes<T>;
  const Tag<T> d;
  Vector<T> sums[chains];
  for (Vector<T>& sum : sums) sum = hn::Zero(d);
  std::size_t at = 0;
  for (; at + chains * lanes <= n; at += chains * lanes) {
    for (std::size_t i = 0; i < chains; ++i) sums[i] = hn::Max(sums[i], hn::LoadU(d, from + at + i * lanes));
  }
  for (std::size_t i = 1; i < chains; ++i) sums[0] = hn::Max(sums[0], sums[i]);
  keep<T>(sums[0]);
  return static_cast<double>(at * sizeof(T));
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kMultiplyAdds, multiply_adds);
CAROUSEL_KERNEL_TABLE(kRead, read);

template <class T>
double multiply_adds_in_registers(std::size_t turns) noexcept {
  return kMultiplyAdds<T>[target_index()](turns);
}
template <class T>
double read_vectors(const T* from, std::size_t n) noexcept {
  return kRead<T>[target_index()](from, n);
}

template double multiply_adds_in_registers<float>(std::size_t) noexcept;
template double multiply_adds_in_registers<double>(std::size_t) noexcept;
template double read_vectors(const float*, std::size_t) noexcept;
template double read_vectors(const double*, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
