// One count over another.
#pragma once

#include <cstdint>
#include <limits>

namespace carousel {

/// Of nothing to nothing NaN, of something to nothing infinite.
inline double ratio(std::uint64_t part, std::uint64_t whole) noexcept {
  if (part == 0 && whole == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace carousel
