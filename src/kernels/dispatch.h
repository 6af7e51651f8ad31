// How a kernel is compiled once for each instruction set and chosen at run time.
//
// Include this before any header of Highway: it says which of Highway's targets exist for us.
//  - SSSE3 and SSE4 have no fused multiply-add, so they could not give the same bits: left out.
//  - SCALAR is always compiled, as fallback and as the oracle of the tests.
//  - SVE is left out: its vectors have no compile-time size, so tiles of them cannot be kept in arrays. Every
//    CPU with SVE has NEON, and on the server cores of today both have the same peak.
//  - Sanitized builds leave AVX3 out (CAROUSEL_WITHOUT_AVX3): it is the same templates at another width, and
//    takes a third of the time that they build and test for. Those for fuzzing, of parsers, do with SCALAR.
// Highway is used as headers only; nothing of its library is linked.
#pragma once

#if defined(CAROUSEL_WITHOUT_AVX2)
#define CAROUSEL_WIDE_DISABLED (HWY_AVX3 | HWY_AVX2)
#elif defined(CAROUSEL_WITHOUT_AVX3)
#define CAROUSEL_WIDE_DISABLED HWY_AVX3
#else
#define CAROUSEL_WIDE_DISABLED 0
#endif
#define HWY_DISABLED_TARGETS                                                              \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | \
   CAROUSEL_WIDE_DISABLED)
#define HWY_BROKEN_EMU128 1         // the fallback is SCALAR with every compiler
#define HWY_COMPILE_ALL_ATTAINABLE  // SCALAR also where the baseline is better
#define HWY_DISABLE_PCLMUL_AES      // not needed here, so not asked of the CPU
#define HWY_DISABLE_F16C

#include <atomic>
#include <cstddef>

namespace carousel::kernels {

/// The compiled versions, in the order of every kernel table.
enum Target : std::size_t { kAvx3, kAvx2, kNeon, kScalar, kTargetCount };

/// kTargetCount until the CPU has been asked.
extern std::atomic<std::size_t> chosen_target;

/// Asks the CPU, stores and returns the best target.
std::size_t choose_best_target() noexcept;

inline std::size_t target_index() noexcept {
  const std::size_t chosen = chosen_target.load(std::memory_order_relaxed);
  return chosen < kTargetCount ? chosen : choose_best_target();
}

}  // namespace carousel::kernels

/// table<T>[target_index()] is function<T> of the target in use; null where it was not compiled.
#define CAROUSEL_KERNEL_TABLE(table, function)                                                  \
  template <class T>                                                                            \
  constexpr decltype(&HWY_STATIC_DISPATCH(function<T>)) table[] = {                             \
      HWY_CHOOSE_AVX3(function<T>), HWY_CHOOSE_AVX2(function<T>), HWY_CHOOSE_NEON(function<T>), \
      HWY_CHOOSE_FALLBACK(function<T>)}
