// How often this thread and all threads have asked for memory, and how much they have; link
// count_allocations.cpp, which replaces operator new.
#pragma once

#include <cstddef>

namespace carousel::testing {

std::size_t allocations() noexcept;
std::size_t allocations_of_all_threads() noexcept;

/// Bytes that are in use now, of all threads, and the most there were since the last reset.
std::size_t bytes_in_use() noexcept;
std::size_t most_bytes_in_use() noexcept;
void reset_most_bytes() noexcept;

}  // namespace carousel::testing
