#include "base/counted.h"

#include <gtest/gtest.h>

namespace carousel {
namespace {

TEST(Counted, GroupsDigitsByThrees) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Counted, OneThingIsNotSeveral) {
  EXPECT_EQ(counted(1, "row", "rows"), "1 row");
  EXPECT_EQ(counted(0, "row", "rows"), "0 rows");
  EXPECT_EQ(counted(2000, "row", "rows"), "2,000 rows");
}

}  // namespace
}  // namespace carousel
