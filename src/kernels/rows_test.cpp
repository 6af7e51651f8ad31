#include "kernels/rows.h"

#include <algorithm>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

template <class T>
void expect_moves(std::size_t rows, std::size_t n, std::size_t to_stride) {
  // Up to the last element that is read or written, and not one more.
  const std::size_t from_stride = n + 2, before = 3, last = rows == 0 ? 0 : rows - 1;
  const Guarded<T> from = random_values<T>(last * from_stride + n, 1),
                   was = random_values<T>(before + last * to_stride + n, 2);
  Guarded<T> copied = was, added = was, expected_copy = was, expected_sum = was;
  copy_rows<T>(rows, n, {from.data(), from_stride}, {copied.data() + before, to_stride});
  add_rows<T>(rows, n, {from.data(), from_stride}, {added.data() + before, to_stride});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t at = before + r * to_stride + j;
      expected_copy[at] = from[r * from_stride + j];
      expected_sum[at] = expected_sum[at] + from[r * from_stride + j];
    }
  EXPECT_TRUE(same_bits(expected_copy, copied)) << rows << " rows of " << n << ", " << to_stride << " apart";
  EXPECT_TRUE(same_bits(expected_sum, added)) << rows << " rows of " << n << ", " << to_stride << " apart";
}

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, RowsMoveWhatBelongsToThemAndNothingElse) {
  using T = TypeParam;
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t rows : {0, 1, 2, 9})
      for (const std::size_t n : {0, 1, 3, 4, 8, 15, 16, 17, 48, 50})
        for (const std::size_t to_stride : {std::size_t{1}, n / 3 + 1, n + 5})  // overlapping, too
          expect_moves<T>(rows, n, to_stride);
  }
}

TYPED_TEST(KernelTest, ASumOfRowsThatIsNoNumberIsTheOneNanOfAllKernels) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    const std::vector<T> from(20, -nan);
    std::vector<T> to(20, T{1});
    add_rows<T>(1, 20, {from.data(), 20}, {to.data(), 20});
    for (const T sum : to) EXPECT_TRUE(same_bits(nan, sum)) << target;
  }
}

}  // namespace
}  // namespace carousel::kernels
