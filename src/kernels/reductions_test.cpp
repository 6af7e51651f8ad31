#include "kernels/reductions.h"

#include <algorithm>
#include <functional>

#include "kernels/activations.h"
#include "kernels/gemm.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// The tree of reductions.h, word for word.
template <class T>
T by_tree(std::size_t n, T start, const std::function<T(T, std::size_t)>& add,
          const std::function<T(T, T)>& join) {
  std::vector<T> lanes(kLanes, start);
  for (std::size_t i = 0; i < n; ++i) lanes[i % kLanes] = add(lanes[i % kLanes], i);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t j = 0; j < half; ++j) lanes[j] = join(lanes[j], lanes[j + half]);
  }
  return lanes[0];
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, SumsFollowTheTreeOnEveryTargetAtEverySize) {
  using T = TypeParam;
  const auto plus = [](T a, T b) { return a + b; };
  for (std::size_t n = 0; n <= 300; ++n) {
    const Guarded<T> x = random_values<T>(n, n), y = random_values<T>(n, n + 1000);
    const T total = by_tree<T>(
        n, 0, [&](T s, std::size_t i) { return s + x[i]; }, plus);
    const T squares = by_tree<T>(
        n, 0, [&](T s, std::size_t i) { return std::fma(x[i], x[i], s); }, plus);
    const T product = by_tree<T>(
        n, 0, [&](T s, std::size_t i) { return std::fma(x[i], y[i], s); }, plus);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      ASSERT_TRUE(same_bits(total, sum(x.data(), n))) << target << " n " << n;
      ASSERT_TRUE(same_bits(squares, sum_of_squares(x.data(), n))) << target << " n " << n;
      ASSERT_TRUE(same_bits(product, dot(x.data(), y.data(), n))) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, MaximumIsTheLargestAndNanIfAnyIs) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    EXPECT_TRUE(same_bits(-infinity, maximum<T>(nullptr, 0)));
    for (std::size_t n = 1; n <= 130; ++n) {
      Guarded<T> x = random_values<T>(n, n);
      ASSERT_TRUE(same_bits(*std::max_element(x.begin(), x.end()), maximum(x.data(), n))) << target;
      for (const std::size_t place : {std::size_t{0}, n / 2, n - 1}) {
        const T before = std::exchange(x[place], -nan);
        ASSERT_TRUE(same_bits(nan, maximum(x.data(), n))) << target << " n " << n << " place " << place;
        x[place] = T{5};
        ASSERT_EQ(maximum(x.data(), n), T{5}) << target << " n " << n << " place " << place;
        x[place] = before;
      }
    }
  }
}

/// Zeros of both signs are equal, yet their bits are not: which one is found must not depend on the target.
TYPED_TEST(KernelTest, MaximumOfZerosIsTheSameZeroOnEveryTarget) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 64; ++n) {
    Guarded<T> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = (i * 7 + n) % 3 == 0 ? T{0} : -T{0};
    const auto larger = [](T a, T b) { return b > a ? b : a; };  // among equals the first stays
    const T expected = by_tree<T>(
        n, -std::numeric_limits<T>::infinity(), [&](T s, std::size_t i) { return larger(s, x[i]); }, larger);
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      ASSERT_TRUE(same_bits(expected, maximum(x.data(), n))) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, ColumnSumsAreAddedInBlocksOfRows) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; n += n < 20 ? 1 : 11) {
    for (const std::size_t rows : {0, 1, 2, 40, 256, 257, 600}) {
      const std::size_t stride = n + 2;
      const Guarded<T> x = random_values<T>(rows == 0 ? 0 : (rows - 1) * stride + n, n);
      const Guarded<T> start = random_values<T>(n, 77);
      Guarded<T> expected(start);
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t begin = 0; begin < rows; begin += kBlockK) {
          T s = 0;
          for (std::size_t r = begin; r < std::min(rows, begin + kBlockK); ++r) s = s + x[r * stride + j];
          expected[j] = expected[j] + s;
        }
      }
      for (const std::string& target : available_targets()) {
        const ForcedTarget forced(target);
        Guarded<T> found(start);
        add_column_sums(x.data(), rows, n, stride, found.data());
        ASSERT_TRUE(same_bits(expected, found)) << target << " rows " << rows << " n " << n;
      }
    }
  }
}

TYPED_TEST(KernelTest, BiasIsAddedToEachRowAndNotToTheGaps) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; ++n) {
    const std::size_t rows = 3, stride = n + 2;
    const Guarded<T> start = random_values<T>((rows - 1) * stride + n, n), bias = random_values<T>(n, 5);
    Guarded<T> expected(start);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < n; ++j) expected[r * stride + j] += bias[j];
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Guarded<T> found(start);
      add_bias(found.data(), rows, n, stride, bias.data());
      ASSERT_TRUE(same_bits(expected, found)) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, SoftmaxIsExpOverItsSumOnEveryTarget) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; ++n) {
    const std::size_t rows = 3, stride = n + 1;
    const Guarded<T> x = random_values<T>((rows - 1) * stride + n, n, 9);
    Guarded<T> expected(x);
    for (std::size_t r = 0; r < rows; ++r) {
      T* row = expected.data() + r * stride;
      const T largest = *std::max_element(row, row + n);
      for (std::size_t j = 0; j < n; ++j) row[j] = row[j] - largest;
      exp(row, row, n);
      const T total = sum(row, n);
      for (std::size_t j = 0; j < n; ++j) row[j] = row[j] / total;
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Guarded<T> found(x);
      softmax(x.data(), found.data(), rows, n, stride);
      ASSERT_TRUE(same_bits(expected, found)) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, SoftmaxSumsToOneAndSurvivesLargeAndInfiniteNumbers) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  std::vector<T> x = {T{0x1p99}, T{0x1p99}, -infinity, T{-0x1p99}};
  softmax(x.data(), x.data(), 1, 4, 4);
  EXPECT_EQ(x, (std::vector<T>{T{0.5}, T{0.5}, T{0}, T{0}}));
  std::vector<T> none = {-infinity, -infinity};
  softmax(none.data(), none.data(), 1, 2, 2);
  EXPECT_TRUE(std::isnan(none[0]) && std::isnan(none[1]));

  const Guarded<T> many = random_values<T>(1000, 3, 5);
  Guarded<T> shares(many);
  softmax(many.data(), shares.data(), 1, 1000, 1000);
  double total = 0;
  for (const T share : shares) total += share;
  EXPECT_NEAR(total, 1, 1e-5);
}

TYPED_TEST(KernelTest, LogSoftmaxIsItsFormulaOnEveryTarget) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 130; ++n) {
    const std::size_t rows = 3, stride = n + 1;
    const Guarded<T> x = random_values<T>((rows - 1) * stride + n, n, 9);
    Guarded<T> expected((rows - 1) * stride + n);
    for (std::size_t r = 0; r < rows; ++r) {
      const T* from = x.data() + r * stride;
      T* row = expected.data() + r * stride;
      const T largest = *std::max_element(from, from + n);
      for (std::size_t j = 0; j < n; ++j) row[j] = from[j] - largest;
      exp(row, row, n);
      T log_sum = sum(row, n);
      log(&log_sum, &log_sum, 1);
      for (std::size_t j = 0; j < n; ++j) row[j] = (from[j] - largest) - log_sum;
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      Guarded<T> found((rows - 1) * stride + n);
      log_softmax(x.data(), found.data(), rows, n, stride);
      ASSERT_TRUE(same_bits(expected, found)) << target << " n " << n;
    }
  }
}

TYPED_TEST(KernelTest, LogSoftmaxSurvivesLargeAndInfiniteNumbers) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {T{0x1p99}, -infinity, T{-0x1p99}};
  std::vector<T> out(3);
  log_softmax(x.data(), out.data(), 1, 3, 3);
  EXPECT_EQ(out, (std::vector<T>{T{0}, -infinity, T{-0x1p100}}));
  for (const T bad : {infinity, std::numeric_limits<T>::quiet_NaN()}) {
    const std::vector<T> with = {T{1}, bad};
    log_softmax(with.data(), out.data(), 1, 2, 2);
    EXPECT_TRUE(std::isnan(out[0]) && std::isnan(out[1])) << bad;
  }
}

}  // namespace
}  // namespace carousel::kernels
