#include "data/array.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;

TEST(Array, SlicesAlongItsFirstAxis) {
  const Array array{Shape{2, 3}, {1, 2, 3, 4, 5, 6}};
  EXPECT_THAT(array.slice(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(array.slice(1), ElementsAre(4, 5, 6));
  EXPECT_THROW(array.slice(2), Error);
  EXPECT_THROW((Array{Shape{}, {1}}).slice(0), Error);
  EXPECT_TRUE((Array{Shape{3, 0}, {}}).slice(2).empty());
}

TEST(Array, AShapeThatNoFileHoldsIsRefused) {
  const auto shape = [](std::vector<std::uint64_t> extents) { return shape_in_file(extents, "a.npy"); };
  EXPECT_EQ(shape({2, 3, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(shape({}).size(), 1u);
  EXPECT_THROW(shape({1, 1, 1, 1, 1, 1, 1}), DataError);
  EXPECT_THROW(shape({UINT64_MAX}), DataError);
  EXPECT_THROW(shape({std::uint64_t{1} << 32, std::uint64_t{1} << 32}), DataError);
  EXPECT_THROW(shape({std::uint64_t{1} << 62}), DataError);
}

TEST(Array, ZerosToReadInto) { EXPECT_EQ(zeros(Shape{2, 2}, "a.npy"), (Array{Shape{2, 2}, {0, 0, 0, 0}})); }

}  // namespace
}  // namespace carousel
