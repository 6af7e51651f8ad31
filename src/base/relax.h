// A pause for a thread that looks at the same word again and again.
#pragma once

namespace carousel {

/// Some tens of clock cycles, in which the processor saves power and leaves the memory bus to others.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace carousel
