#include "kernels/transpose.h"

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

template <class T>
void expect_exchanged(std::size_t rows, std::size_t columns, std::size_t more) {
  const std::size_t from_stride = columns + more, to_stride = rows + 2 * more;
  // Up to the last element that is read or written, and not one more.
  const auto last = [](std::size_t count, std::size_t n, std::size_t stride) {
    return count == 0 || n == 0 ? 0 : (count - 1) * stride + n;
  };
  Guarded<T> from(last(rows, columns, from_stride)), to(last(columns, rows, to_stride));
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i);
  std::fill(to.begin(), to.end(), T(-1));
  transpose<T>(rows, columns, {from.data(), from_stride}, {to.data(), to_stride});
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < to_stride && c * to_stride + r < to.size(); ++r)
      ASSERT_EQ(to[c * to_stride + r], r < rows ? from[r * from_stride + c] : T(-1))
          << rows << " x " << columns << ", element " << c << ", " << r;
}

TEST(Transpose, EveryElementIsWhereItsRowAndColumnSayOnEveryTarget) {
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::size_t rows : {0, 1, 2, 3, 4, 5, 15, 16, 17, 37, 64})
      for (const std::size_t columns : {0, 1, 2, 3, 4, 7, 16, 19, 33, 64})
        for (const std::size_t more : {0, 3}) {
          expect_exchanged<float>(rows, columns, more);
          expect_exchanged<double>(rows, columns, more);
        }
  }
}

}  // namespace
}  // namespace carousel::kernels
