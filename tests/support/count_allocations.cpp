#include "support/count_allocations.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t count = 0;
std::atomic<std::size_t> total{0}, in_use{0}, most{0};

void* counted(void* p) noexcept {
  ++count;
  ++total;
  if (p == nullptr) return p;
  const std::size_t now = in_use += malloc_usable_size(p);
  for (std::size_t before = most; now > before && !most.compare_exchange_weak(before, now);) {
  }
  return p;
}

void give_back(void* p) noexcept {
  if (p != nullptr) in_use -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

namespace carousel::testing {
std::size_t allocations() noexcept { return count; }
std::size_t allocations_of_all_threads() noexcept { return total; }
std::size_t bytes_in_use() noexcept { return in_use; }
std::size_t most_bytes_in_use() noexcept { return most; }
void reset_most_bytes() noexcept { most = in_use.load(); }
}  // namespace carousel::testing

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size) {
  if (void* p = counted(std::malloc(size == 0 ? 1 : size))) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto a = static_cast<std::size_t>(alignment);
  if (void* p = counted(std::aligned_alloc(a, (size + a) / a * a))) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }
