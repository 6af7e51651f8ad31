#include "tasks/nearest_line.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace carousel {
namespace {

std::vector<std::size_t> random_line(std::uint64_t number, std::size_t longest, std::size_t kinds) {
  const Random random(7, number);
  std::vector<std::size_t> line(random.below(0, longest + 1));
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = random.below(i + 1, kinds);
  return line;
}

/// The plain table, row by row.
std::size_t distance(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
      } else {
        table[i][j] = std::min(
            {table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), table[i - 1][j] + 1, table[i][j - 1] + 1});
      }
    }
  return table[a.size()][b.size()];
}

TEST(NearestLine, IsAsNearAsTheNearestOfAll) {
  for (const std::size_t kinds : {2, 5, 30}) {
    SymbolLines lines, asked;
    for (std::uint64_t k = 0; k < 300; ++k) lines.add(random_line(k, 9, kinds));
    for (std::uint64_t k = 1000; k < 1100; ++k) asked.add(random_line(k, 11, kinds));
    const NearestLine nearest(lines);
    std::uint64_t budget = 1'000'000'000;
    for (std::size_t a = 0; a < asked.size(); ++a) {
      std::size_t best = 1000;
      for (std::size_t k = 0; k < lines.size(); ++k) best = std::min(best, distance(lines[k], asked[a]));
      const auto found = nearest.find(asked[a], budget);
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(distance(lines[*found], asked[a]), best) << kinds << ' ' << a;
      EXPECT_EQ(nearest.find(asked[a], budget), found);
    }
  }
}

TEST(NearestLine, FewerValuesThanAllTablesAreComputed) {
  SymbolLines lines;
  std::uint64_t all = 0;
  for (std::uint64_t k = 0; k < 2000; ++k) {
    const auto line = random_line(k, 9, 6);
    lines.add(line);
    all += line.size() * 7;
  }
  const NearestLine nearest(lines);
  const std::vector<std::uint32_t> asked = {1, 2, 3, 4, 5, 0};
  const std::uint64_t start = 1'000'000'000;
  std::uint64_t budget = start;
  ASSERT_TRUE(nearest.find(asked, budget).has_value());
  EXPECT_LT(start - budget, all / 2);
}

TEST(NearestLine, EndsWhereTheBudgetDoes) {
  SymbolLines lines;
  for (std::uint64_t k = 0; k < 100; ++k) lines.add(random_line(k, 9, 3));
  const std::vector<std::uint32_t> asked = {9, 9, 9, 9, 9};
  std::uint64_t budget = 50;
  EXPECT_FALSE(NearestLine(lines).find(asked, budget).has_value());
  EXPECT_EQ(budget, 0u);
  budget = 1'000'000;
  EXPECT_FALSE(NearestLine(SymbolLines()).find(asked, budget).has_value());
}

}  // namespace
}  // namespace carousel
