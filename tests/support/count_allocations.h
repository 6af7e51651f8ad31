// How often this thread has asked for memory, and how much all have; link count_allocations.cpp, which
// replaces operator new.
#pragma once

#include <cstddef>

namespace carousel::testing {

std::size_t allocations() noexcept;

/// Bytes that are in use now, of all threads, and the most there were since the last reset.
std::size_t bytes_in_use() noexcept;
std::size_t most_bytes_in_use() noexcept;
void reset_most_bytes() noexcept;

}  // namespace carousel::testing
