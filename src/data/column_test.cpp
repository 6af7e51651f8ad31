#include "data/column.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace carousel {
namespace {

TEST(Column, KeepsWhatIsAppended) {
  Column<std::int64_t> column;
  constexpr std::int64_t kSize = 300000;
  for (std::int64_t i = 0; i < kSize; ++i) {
    column.push_back(i * i);
    ASSERT_EQ(column.back(), i * i);
  }
  ASSERT_EQ(column.size(), static_cast<std::size_t>(kSize));
  for (std::int64_t i = 0; i < kSize; ++i) ASSERT_EQ(column[static_cast<std::size_t>(i)], i * i);
  std::int64_t next = 0;
  for (std::size_t p = 0; p < column.pieces(); ++p) {
    for (const std::int64_t value : column.piece(p)) {
      ASSERT_EQ(value, next * next);
      ++next;
    }
  }
  EXPECT_EQ(next, kSize);
}

TEST(Column, PiecesNeverMove) {
  Column<double> column;
  column.push_back(1);
  const double* const first = column.piece(0).data();
  for (int i = 0; i < 100000; ++i) column.push_back(i);
  EXPECT_EQ(column.piece(0).data(), first);
}

TEST(Column, MovesAndIsReusedAfterBeingReset) {
  Column<double> column;
  for (int i = 0; i < 20; ++i) column.push_back(i);
  const Column<double> other = std::move(column);
  EXPECT_EQ(other.size(), 20u);
  EXPECT_EQ(other[19], 19);
  column = {};
  column.push_back(7);
  EXPECT_EQ(column[0], 7);
}

}  // namespace
}  // namespace carousel
