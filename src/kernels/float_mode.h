// The floating-point mode in which the contract holds: round to nearest, denormals kept.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace carousel::kernels {

/// Sets the standard mode for as long as it lives and then puts back the caller's: an audio host may have
/// turned on flush-to-zero, a numeric library another rounding. A few nanoseconds; per thread.
class StandardFloatMode {
 public:
  StandardFloatMode(const StandardFloatMode&) = delete;
  StandardFloatMode& operator=(const StandardFloatMode&) = delete;

#if defined(__x86_64__)
  StandardFloatMode() noexcept : callers_(_mm_getcsr()) {
    if (differs()) _mm_setcsr(kStandard);
  }
  ~StandardFloatMode() {
    if (differs()) _mm_setcsr(callers_);
  }

 private:
  static constexpr std::uint32_t kStandard = 0x1f80;  // all exceptions masked
  static constexpr std::uint32_t kFlags = 0x3f;       // exceptions that have happened: no part of the mode
  bool differs() const noexcept { return (callers_ & ~kFlags) != kStandard; }
  std::uint32_t callers_;
#elif defined(__aarch64__)
  StandardFloatMode() noexcept : callers_(read()) {
    if (callers_ != 0) write(0);
  }
  ~StandardFloatMode() {
    if (callers_ != 0) write(callers_);
  }

 private:
  static std::uint64_t read() noexcept {
    std::uint64_t value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(std::uint64_t value) noexcept { asm volatile("msr fpcr, %0" : : "r"(value)); }
  std::uint64_t callers_;
#else
  StandardFloatMode() noexcept {
    std::fegetenv(&callers_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~StandardFloatMode() { std::fesetenv(&callers_); }

 private:
  std::fenv_t callers_;
#endif
};

}  // namespace carousel::kernels
