#include "kernels/rows.h"

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

/// Numbers whose sums are exact.
template <class T>
std::vector<T> counting(std::size_t n, std::size_t first) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(first + i);
  return values;
}

template <class T>
void expect_moves(std::size_t rows, std::size_t n, std::size_t to_stride) {
  const std::size_t from_stride = n + 2, before = 3;
  const std::vector<T> from = counting<T>(rows * from_stride, 1),
                       was = counting<T>(before + rows * to_stride + n, 9);
  std::vector<T> copied = was, added = was, expected_copy = was, expected_sum = was;
  copy_rows<T>(rows, n, {from.data(), from_stride}, {copied.data() + before, to_stride});
  add_rows<T>(rows, n, {from.data(), from_stride}, {added.data() + before, to_stride});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < n; ++j) {
      expected_copy[before + r * to_stride + j] = from[r * from_stride + j];
      expected_sum[before + r * to_stride + j] += from[r * from_stride + j];
    }
  EXPECT_EQ(copied, expected_copy) << rows << " rows of " << n << ", " << to_stride << " apart";
  EXPECT_EQ(added, expected_sum) << rows << " rows of " << n << ", " << to_stride << " apart";
}

TEST(Rows, MoveWhatBelongsToThemAndNothingElseOnEveryTarget) {
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t rows : {0, 1, 2, 9})
      for (const std::size_t n : {0, 1, 3, 4, 8, 15, 16, 17, 48, 50})
        for (const std::size_t to_stride : {std::size_t{1}, n / 3 + 1, n + 5}) {  // overlapping, too
          expect_moves<float>(rows, n, to_stride);
          expect_moves<double>(rows, n, to_stride);
        }
  }
}

TEST(Rows, ASumThatIsNoNumberIsTheOneNaNOfAllKernels) {
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    const std::vector<float> from(20, -std::numeric_limits<float>::quiet_NaN());
    std::vector<float> to(20, 1);
    add_rows<float>(1, 20, {from.data(), 20}, {to.data(), 20});
    for (const float sum : to)
      EXPECT_EQ(std::bit_cast<std::uint32_t>(sum),
                std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN()));
  }
}

}  // namespace
}  // namespace carousel::kernels
