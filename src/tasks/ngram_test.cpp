#include "tasks/ngram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace carousel {
namespace {

using Symbols = std::vector<std::size_t>;

TEST(NGram, FollowsWittenAndBell) {
  const Symbols text = {0, 1, 0, 1, 0, 2};  // of 4 symbols
  const NGram one(text, 4, 1), two(text, 4, 2);
  const auto p1 = [](double count) { return (count + 3 * 0.25) / (6 + 3); };
  EXPECT_NEAR(one.loss(Symbols{0}), -std::log(p1(3)), 1e-12);
  EXPECT_NEAR(one.loss(Symbols{2, 1}), -std::log(p1(2)), 1e-12);
  EXPECT_NEAR(one.loss(Symbols{3}), -std::log(p1(0)), 1e-12);
  // 0 was followed by 1 twice and by 2 once.
  EXPECT_NEAR(two.loss(Symbols{0, 1}), -std::log((2 + 2 * p1(2)) / (3 + 2)), 1e-12);
  EXPECT_NEAR(two.loss(Symbols{0, 3}), -std::log((0 + 2 * p1(0)) / (3 + 2)), 1e-12);
  // 2 never was: the shorter context alone.
  EXPECT_NEAR(two.loss(Symbols{2, 0}), -std::log(p1(3)), 1e-12);
}

TEST(NGram, ProbabilitiesOfAllSymbolsAddUpToOne) {
  const Random random(5, 1);
  Symbols text(300);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = random.below(i, 4);
  for (const std::size_t order : {1, 2, 3, 5}) {
    const NGram counts(text, 5, order);
    for (std::size_t begin = 0; begin < 40; begin += 7) {
      double sum = 0;
      for (std::size_t symbol = 0; symbol < 5; ++symbol) {
        Symbols context(text.begin() + static_cast<std::ptrdiff_t>(begin),
                        text.begin() + static_cast<std::ptrdiff_t>(begin + 5));
        context.push_back(symbol);
        sum += std::exp(-counts.loss(context));
      }
      EXPECT_NEAR(sum, 1, 1e-12) << order << ", " << begin;
    }
  }
}

}  // namespace
}  // namespace carousel
