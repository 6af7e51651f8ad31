#include "support/count_allocations.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

thread_local std::size_t count = 0;
std::atomic<std::size_t> total{0}, in_use{0}, most{0};

constexpr std::size_t kAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

/// Null if there is no such memory. What was asked for stands in front of it, so that what is counted does
/// not depend on how much more the system gives.
void* allocate(std::size_t size, std::size_t alignment) noexcept {
  ++count;
  ++total;
  if (size > static_cast<std::size_t>(-1) - 2 * alignment) return nullptr;
  const std::size_t whole = (size + 2 * alignment - 1) / alignment * alignment;
  char* const block = static_cast<char*>(std::aligned_alloc(alignment, whole));
  if (block == nullptr) return nullptr;
  char* const p = block + alignment;
  std::memcpy(p - sizeof(size), &size, sizeof(size));
  const std::size_t now = in_use += size;
  for (std::size_t before = most; now > before && !most.compare_exchange_weak(before, now);) {
  }
  return p;
}

void give_back(void* p, std::size_t alignment) noexcept {
  if (p == nullptr) return;
  std::size_t size;
  std::memcpy(&size, static_cast<char*>(p) - sizeof(size), sizeof(size));
  in_use -= size;
  std::free(static_cast<char*>(p) - alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* p = allocate(size, alignment)) return p;
  throw std::bad_alloc();
}

}  // namespace

namespace carousel::testing {
std::size_t allocations() noexcept { return count; }
std::size_t allocations_of_all_threads() noexcept { return total; }
std::size_t bytes_in_use() noexcept { return in_use; }
std::size_t most_bytes_in_use() noexcept { return most; }
void reset_most_bytes() noexcept { most = in_use.load(); }
}  // namespace carousel::testing

void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, kAlignment); }
void* operator new(std::size_t size) { return allocate_or_throw(size, kAlignment); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { give_back(p, kAlignment); }
void operator delete(void* p, std::size_t) noexcept { give_back(p, kAlignment); }
void operator delete(void* p, std::align_val_t alignment) noexcept {
  give_back(p, static_cast<std::size_t>(alignment));
}
void operator delete(void* p, std::size_t, std::align_val_t alignment) noexcept {
  give_back(p, static_cast<std::size_t>(alignment));
}
