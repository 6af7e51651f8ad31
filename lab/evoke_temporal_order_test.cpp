// Temporal order as sequences with classes: every symbol where it belongs.
#include "lab/evoke_temporal_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace carousel::lab {
namespace {

std::size_t symbol(const ClassedSequences<double>& all, std::size_t b, std::size_t t) {
  const auto x = all.inputs.at(b, t);
  EXPECT_EQ(std::ranges::count(x, 1.0), 1);
  EXPECT_EQ(std::ranges::count(x, 0.0), 7);
  return static_cast<std::size_t>(std::ranges::find(x, 1.0) - x.begin());
}

TEST(EvokeTemporalOrder, SequencesAreThoseOfThePaper) {
  const ClassedSequences<double> all = temporal_orders(400, 7);
  std::set<std::size_t> lengths, classes, firsts, seconds, others;
  for (std::size_t b = 0; b < 400; ++b) {
    const std::size_t length = all.inputs.layout().length(b);
    lengths.insert(length), classes.insert(all.classes[b]);
    EXPECT_EQ(symbol(all, b, 0), 6u);
    EXPECT_EQ(symbol(all, b, length - 1), 7u);
    std::vector<std::size_t> marks;
    for (std::size_t t = 1; t + 1 < length; ++t) {
      const std::size_t s = symbol(all, b, t);
      if (s == 4 || s == 5) {
        (marks.empty() ? firsts : seconds).insert(t);
        marks.push_back(s - 4);
      } else {
        others.insert(s);
      }
    }
    ASSERT_EQ(marks.size(), 2u);
    EXPECT_EQ(all.classes[b], 2 * marks[0] + marks[1]);
  }
  const auto spans = [](const std::set<std::size_t>& found, std::size_t least, std::size_t most) {
    return *found.begin() == least && *found.rbegin() == most && found.size() == most - least + 1;
  };
  EXPECT_TRUE(spans(lengths, 100, 110));
  EXPECT_TRUE(spans(classes, 0, 3));
  EXPECT_TRUE(spans(firsts, 9, 19));    // the 10th to the 20th
  EXPECT_TRUE(spans(seconds, 49, 59));  // the 50th to the 60th
  EXPECT_TRUE(spans(others, 0, 3));
}

}  // namespace
}  // namespace carousel::lab
