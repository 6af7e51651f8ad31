#include "base/aligned.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace carousel {
namespace {

bool lies_on(const void* p, std::size_t boundary) {
  return reinterpret_cast<std::uintptr_t>(p) % boundary == 0;
}

TEST(AlignedVector, BeginsOnACacheLine) {
  for (const std::size_t n : {1, 7, 1000, 400'000})
    EXPECT_TRUE(lies_on(AlignedVector<float>(n).data(), 64)) << n;
}

TEST(AlignedVector, LiesOnWholeHugePagesWhereItIsLarge) {
  const std::size_t page = std::size_t{2} << 20;
  for (const std::size_t bytes : {page, page + 1, 5 * page - 1})
    EXPECT_TRUE(lies_on(AlignedVector<char>(bytes).data(), page)) << bytes;
}

TEST(AlignedVector, GrowsAndShrinksAcrossThatSize) {
  AlignedVector<int> v;
  for (int i = 0; i < 1'000'000; ++i) v.push_back(i);
  v.resize(10);
  v.shrink_to_fit();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(v[i], i);
}

TEST(AlignedVector, RefusesMoreThanCanBe) {
  EXPECT_THROW(AlignedAllocator<double>().allocate(std::size_t(-1) / 4), std::bad_alloc);
  EXPECT_THROW(AlignedAllocator<double>().allocate(std::size_t(-1) / 8 - 100), std::bad_alloc);
}

}  // namespace
}  // namespace carousel
