// How often this thread has asked for memory; link count_allocations.cpp, which replaces operator new.
#pragma once

#include <cstddef>

namespace carousel::testing {

std::size_t allocations() noexcept;

}  // namespace carousel::testing
