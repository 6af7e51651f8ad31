// What the tests of this folder share: forced targets, arrays that fault one element too far, comparison to
// the bit.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "kernels/target.h"

namespace carousel::kernels {

/// Runs the kernels on one target as long as it lives.
class ForcedTarget {
 public:
  explicit ForcedTarget(const std::string& name) { use_target(name); }
  ~ForcedTarget() { use_best_target(); }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
};

/// n elements that end at a page nobody may touch: reading or writing one too far ends the test.
template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t n) : n_(n) {
    constexpr std::size_t page = 1 << 16;  // the largest page size of the platforms
    bytes_ = (n * sizeof(T) + page - 1) / page * page + page;
    void* p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<char*>(p);
    mprotect(start_ + bytes_ - page, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(start_ + bytes_ - page) - n;
  }
  explicit Guarded(const std::vector<T>& values) : Guarded(values.size()) {
    std::copy(values.begin(), values.end(), data_);
  }
  Guarded(const Guarded& other) : Guarded(other.n_) { std::copy(other.begin(), other.end(), data_); }
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(start_, bytes_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return n_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + n_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + n_; }

 private:
  std::size_t n_, bytes_;
  char* start_;
  T* data_;
};

/// Uniform in [-scale, scale).
template <class T>
Guarded<T> random_values(std::size_t n, std::uint64_t seed, double scale = 1) {
  const Random random(seed, 0);
  Guarded<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(scale * (2 * random.uniform(i) - 1));
  return values;
}

/// Finite and not, of every kind.
template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values;
  for (const T x : {T{0},
                    T{1},
                    T{0.5},
                    T{2},
                    T{3},
                    T{20},
                    T{87},
                    T{88.5},
                    T{103},
                    T{104},
                    T{709},
                    T{745},
                    T{1e4},
                    Limits::min(),
                    Limits::min() / 2,
                    Limits::denorm_min(),
                    Limits::max(),
                    Limits::epsilon(),
                    Limits::infinity(),
                    Limits::quiet_NaN(),
                    T{0.625},
                    std::nextafter(T{0.625}, T{0})}) {
    values.push_back(x);
    values.push_back(-x);
  }
  return values;
}

/// Fails, naming the first element whose bits differ.
template <class T>
::testing::AssertionResult same_bits(const T* expected, const T* found, std::size_t n) {
  if (n == 0 || std::memcmp(expected, found, n * sizeof(T)) == 0) return ::testing::AssertionSuccess();
  std::size_t i = 0;
  while (std::memcmp(expected + i, found + i, sizeof(T)) == 0) ++i;
  return ::testing::AssertionFailure() << "element " << i << " of " << n << ": expected " << std::hexfloat
                                       << expected[i] << ", found " << found[i];
}
template <class T>
::testing::AssertionResult same_bits(const Guarded<T>& expected, const Guarded<T>& found) {
  if (expected.size() != found.size()) return ::testing::AssertionFailure() << "sizes differ";
  return same_bits(expected.data(), found.data(), expected.size());
}
template <class T>
::testing::AssertionResult same_bits(T expected, T found) {
  return same_bits(&expected, &found, 1);
}

/// Error of `found` in units of the last place of `exact`, in T's precision, subnormals included.
template <class T, class Wide>
double ulp_error(T found, Wide exact) {
  if (std::isnan(exact) || std::isnan(found)) return std::isnan(exact) == std::isnan(found) ? 0 : 1e30;
  if (std::isinf(static_cast<T>(exact)) || std::isinf(found)) {
    return static_cast<T>(exact) == found ? 0 : 1e30;
  }
  const int digits = std::numeric_limits<T>::digits;
  const int exponent = exact == 0 ? std::numeric_limits<T>::min_exponent : std::ilogb(exact) + 1;
  const int ulp = std::max(exponent, std::numeric_limits<T>::min_exponent) - digits;
  return static_cast<double>(std::abs(std::ldexp(static_cast<Wide>(found) - exact, -ulp)));
}

template <class T>
class KernelTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;

}  // namespace carousel::kernels
