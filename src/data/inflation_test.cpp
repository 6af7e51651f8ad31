#include "data/inflation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "carousel/error.h"

namespace carousel {
namespace {

TEST(Inflation, AtMostTheRatioOfDeflate) {
  EXPECT_NO_THROW(check_inflation(1 << 20, 0, "a"));
  EXPECT_NO_THROW(check_inflation(1032 * 5000, 5000, "a"));
  EXPECT_THROW(check_inflation((1 << 20) + 1, 0, "a"), DataError);
  EXPECT_THROW(check_inflation(1032 * 5001, 5000, "a"), DataError);
  EXPECT_THROW(check_inflation(UINT64_MAX, 1 << 30, "a"), DataError);
}

TEST(Inflation, OnlyRegularFilesHaveBytes) {
  const std::filesystem::path path = testing::TempDir() + "carousel_five_bytes";
  std::ofstream(path) << "12345";
  EXPECT_EQ(file_bytes(path), 5u);
  std::filesystem::remove(path);
  EXPECT_THROW(file_bytes(path), FileError);
  EXPECT_THROW(file_bytes(testing::TempDir()), FileError);
  EXPECT_THROW(file_bytes("/dev/null"), FileError);
}

}  // namespace
}  // namespace carousel
