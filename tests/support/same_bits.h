// Equality to the last bit, with the first element that differs named.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>

namespace carousel::testing {

template <class T>
::testing::AssertionResult same_bits(std::span<const T> a, std::span<const T> b) {
  if (a.size() != b.size())
    return ::testing::AssertionFailure() << "sizes differ: " << a.size() << " and " << b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0) {
      return ::testing::AssertionFailure() << "element " << i << " of " << a.size()
                                           << " differs: " << std::hexfloat << a[i] << " and " << b[i];
    }
  return ::testing::AssertionSuccess();
}

template <class A, class B>
::testing::AssertionResult same_bits(const A& a, const B& b) {
  using T = typename A::value_type;
  return same_bits(std::span<const T>(a.data(), a.size()), std::span<const T>(b.data(), b.size()));
}

}  // namespace carousel::testing
