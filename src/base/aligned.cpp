#include "base/aligned.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace carousel {

namespace {

constexpr std::size_t kHugePage_bytes = std::size_t{2} << 20;

std::align_val_t alignment(std::size_t bytes) noexcept {
  return std::align_val_t{bytes < kHugePage_bytes ? kAlignment_bytes : kHugePage_bytes};
}

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  // Rounding up to whole pages must not begin again at 0.
  if (bytes > std::numeric_limits<std::size_t>::max() - kHugePage_bytes) throw std::bad_alloc();
  void* const memory = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
  // A wish: without it, or where it is refused, everything works on small pages.
  if (bytes >= kHugePage_bytes) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_aligned(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, alignment(bytes)); }

}  // namespace carousel
