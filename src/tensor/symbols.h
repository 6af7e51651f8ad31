// Symbols and classes are numbered, and their numbers held as values among the others.
#pragma once

#include <cmath>
#include <cstddef>

namespace carousel {

/// Symbols that there may be: a float holds the whole numbers below.
inline constexpr std::size_t kMaxSymbols = std::size_t{1} << 24;

/// Whether a value is one of 0 ... symbols - 1; NaN is none.
template <class T>
bool is_symbol(T value, std::size_t symbols) noexcept {
  return value >= T(0) && value < static_cast<T>(symbols) && value == std::trunc(value);
}

}  // namespace carousel
