#include "tensor/tensor.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace carousel {
namespace {

TEST(Shape, CountsAndPrints) {
  EXPECT_EQ(Shape({40, 8, 12}).size(), 3840u);
  EXPECT_EQ(Shape({40, 8, 12}).to_string(), "[40, 8, 12]");
  EXPECT_EQ(Shape({3, 0}).size(), 0u);
  EXPECT_EQ(Shape().size(), 1u);
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
}

TEST(Shape, RefusesSizesThatOverflow) {
  const std::size_t huge = std::numeric_limits<std::size_t>::max() / 2;
  EXPECT_THROW(Shape({huge, 4}), Error);
  EXPECT_THROW(Shape({huge}), Error);
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1}), Error);
}

TEST(Tensor, IsAlignedAndZero) {
  const Tensor<float> tensor({5, 7});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % kAlignment_bytes, 0u);
  for (float v : tensor.span()) EXPECT_EQ(v, 0.0f);
}

TEST(Tensor, AShapeHadBeforeNeedsNoAllocation) {
  Tensor<double> tensor({100});
  const double* before = tensor.data();
  tensor.resize({10});
  tensor.resize({4, 25});
  EXPECT_EQ(tensor.data(), before);
  EXPECT_EQ(tensor.matrix().rows(), 4u);
  EXPECT_EQ(tensor.matrix().columns(), 25u);
}

TEST(View, RowsAndColumnsAreWindows) {
  Tensor<float> tensor({3, 4});
  for (std::size_t i = 0; i < 12; ++i) tensor[i] = static_cast<float>(i);
  const View<float> middle = tensor.matrix().rows(1, 2).columns(1, 2);
  EXPECT_EQ(middle(0, 0), 5);
  EXPECT_EQ(middle(1, 1), 10);
  middle(0, 0) = -1;
  EXPECT_EQ(tensor[5], -1);
}

}  // namespace
}  // namespace carousel
