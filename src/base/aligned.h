// Memory aligned for the widest vector and never value-initialised twice.
#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

namespace carousel {

inline constexpr std::size_t kAlignment_bytes = 64;

/// So many bytes on a 64-byte boundary. Large blocks lie on whole huge pages, where the system has any:
/// weights that are read at every time step would else need more address translations than a processor
/// remembers. Throws std::bad_alloc.
void* allocate_aligned(std::size_t bytes);
/// The same number of bytes as was asked for.
void free_aligned(void* memory, std::size_t bytes) noexcept;

template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}

  T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(allocate_aligned(n * sizeof(T)));
  }
  void deallocate(T* p, std::size_t n) noexcept { free_aligned(p, n * sizeof(T)); }

  template <class U>
  bool operator==(const AlignedAllocator<U>&) const noexcept {
    return true;
  }
};

/// std::vector whose first element lies on a 64-byte boundary.
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace carousel
