#include "tasks/edit_distance.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "base/random.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using Symbols = std::vector<std::size_t>;
using Words = std::vector<std::string>;

Symbols letters(const std::string& word) { return {word.begin(), word.end()}; }

TEST(EditDistance, of_words_everybody_knows) {
  EXPECT_EQ(count_edits(letters("sitting"), letters("kitten")).distance(), 3);
  EXPECT_EQ(count_edits(letters("saturday"), letters("sunday")).distance(), 3);
  EXPECT_EQ(count_edits(letters("intention"), letters("execution")).distance(), 5);  // Jurafsky & Martin, 2.5
  EXPECT_EQ(count_edits(letters("same"), letters("same")), (EditCounts{4, 0, 0, 0}));
}

TEST(EditDistance, names_what_became_of_every_symbol) {
  const Alignment alignment =
      align(Words{"we", "are", "here", "right", "now"}, Words{"we", "were", "not", "here", "right"});
  EXPECT_EQ(alignment.counts, (EditCounts{3, 1, 1, 1}));
  EXPECT_THAT(alignment.edits, ElementsAre(Edit{EditKind::match, 0, 0}, Edit{EditKind::insertion, 1, 1},
                                           Edit{EditKind::substitution, 1, 2}, Edit{EditKind::match, 2, 3},
                                           Edit{EditKind::match, 3, 4}, Edit{EditKind::deletion, 4, 5}));
  EXPECT_EQ(count_edits(Words{"a", "b", "a"}, Words{"b", "a"}), (EditCounts{2, 0, 0, 1}));
}

// Three substitutions are as few edits as one, an insertion and a deletion.
TEST(EditDistance, prefers_pairs_among_equals) {
  EXPECT_EQ(align(Symbols{1, 2, 3, 4}, Symbols{1, 5, 6, 3}).counts, (EditCounts{1, 3, 0, 0}));
  EXPECT_THAT(align(Symbols{1, 1}, Symbols{1}).edits,
              ElementsAre(Edit{EditKind::deletion, 0, 0}, Edit{EditKind::match, 1, 0}));
}

TEST(EditDistance, beside_nothing_all_is_inserted_or_deleted) {
  EXPECT_EQ(align(Symbols{}, Symbols{7, 8}).counts, (EditCounts{0, 0, 2, 0}));
  EXPECT_EQ(align(Symbols{7, 8, 9}, Symbols{}).counts, (EditCounts{0, 0, 0, 3}));
  EXPECT_EQ(count_edits(Symbols{}, Symbols{7, 8}), (EditCounts{0, 0, 2, 0}));
  EXPECT_EQ(count_edits(Symbols{7, 8, 9}, Symbols{}), (EditCounts{0, 0, 0, 3}));
  EXPECT_TRUE(align(Symbols{}, Symbols{}).edits.empty());
}

/// The definition, by trying everything.
std::size_t distance_by_trying(std::span<const std::size_t> a, std::span<const std::size_t> b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const std::size_t pair = distance_by_trying(a.subspan(1), b.subspan(1)) + (a.front() == b.front() ? 0 : 1);
  return std::min({pair, distance_by_trying(a.subspan(1), b) + 1, distance_by_trying(a, b.subspan(1)) + 1});
}

/// What an alignment makes of the reference; empty if it is not one of these two.
Symbols applied(const Alignment& alignment, const Symbols& reference, const Symbols& hypothesis) {
  Symbols result;
  std::size_t r = 0, h = 0;
  for (const Edit& edit : alignment.edits) {
    EXPECT_EQ(edit.reference, r);
    EXPECT_EQ(edit.hypothesis, h);
    if (edit.kind == EditKind::match) {
      EXPECT_EQ(reference.at(r), hypothesis.at(h));
    }
    if (edit.kind == EditKind::substitution) {
      EXPECT_NE(reference.at(r), hypothesis.at(h));
    }
    if (edit.kind != EditKind::deletion) result.push_back(hypothesis.at(h++));
    if (edit.kind != EditKind::insertion) ++r;
  }
  EXPECT_EQ(r, reference.size());
  return result;
}

TEST(EditDistance, is_the_least_of_all_and_the_alignment_has_it) {
  const Random random(8, 2);
  std::uint64_t drawn = 0;
  for (int round = 0; round < 300; ++round) {
    const auto draw = [&] {
      Symbols symbols(random.below(drawn++, 8));
      for (std::size_t& s : symbols) s = random.below(drawn++, 3);
      return symbols;
    };
    const Symbols reference = draw(), hypothesis = draw();
    const Alignment alignment = align(reference, hypothesis);
    EXPECT_EQ(alignment.counts.distance(), distance_by_trying(reference, hypothesis));
    EXPECT_EQ(alignment.counts.reference(), reference.size());
    EXPECT_EQ(applied(alignment, reference, hypothesis), hypothesis);
    EXPECT_EQ(count_edits(reference, hypothesis), alignment.counts);
    std::map<EditKind, std::uint64_t> kinds;
    for (const Edit& edit : alignment.edits) ++kinds[edit.kind];
    EXPECT_EQ(kinds[EditKind::insertion], alignment.counts.insertions);
    EXPECT_EQ(kinds[EditKind::deletion], alignment.counts.deletions);
  }
}

TEST(EditDistance, what_is_too_long_to_align_can_be_counted) {
  const Symbols zeros(std::size_t{1} << 16), few(3);
  EXPECT_THROW(align(zeros, zeros), Error);
  EXPECT_EQ(count_edits(zeros, few), (EditCounts{3, 0, 0, zeros.size() - 3}));
}

TEST(ErrorRate, is_of_the_whole_corpus) {
  ErrorRate rate;
  EXPECT_TRUE(std::isnan(rate.rate()));
  EXPECT_TRUE(std::isnan(rate.sequence_rate()));
  rate.add(count_edits(letters("one"), letters("one")));
  rate.add(count_edits(letters("three"), letters("tree")));
  rate.add(count_edits(letters("at"), letters("bit")));
  EXPECT_EQ(rate.counts(), (EditCounts{8, 1, 1, 1}));
  EXPECT_DOUBLE_EQ(rate.rate(), 3.0 / 10);
  EXPECT_DOUBLE_EQ(rate.sequence_rate(), 2.0 / 3);
  ErrorRate sum = rate;
  sum += rate;
  EXPECT_EQ(sum.sequences(), 6);
  EXPECT_EQ(sum.wrong_sequences(), 4);
  EXPECT_EQ(sum.rate(), rate.rate());
}

TEST(ErrorRate, beside_empty_references) {
  ErrorRate rate;
  rate.add(count_edits(Symbols{}, Symbols{}));
  EXPECT_TRUE(std::isnan(rate.rate()));
  EXPECT_EQ(rate.sequence_rate(), 0);
  rate.add(count_edits(Symbols{}, Symbols{1}));
  EXPECT_EQ(rate.rate(), HUGE_VAL);
}

}  // namespace
}  // namespace carousel
