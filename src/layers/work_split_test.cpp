#include "layers/work_split.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace carousel {
namespace {

/// Rows of the steps [t_begin, t_end) that each part of the slots has.
std::vector<std::size_t> rows_of_parts(const SequenceLayout& layout, std::size_t t_begin, std::size_t t_end,
                                       std::size_t parts) {
  std::vector<std::size_t> rows(parts, 0);
  for (std::size_t part = 0; part < parts; ++part)
    for (std::size_t slot = first_slot(layout, t_begin, t_end, part, parts);
         slot < first_slot(layout, t_begin, t_end, part + 1, parts); ++slot)
      rows[part] += std::min(layout.length(layout.sequence(slot)), t_end) - t_begin;
  return rows;
}

TEST(WorkSplit, SlotsAreSharedOutByTheirSteps) {
  const SequenceLayout layout({100, 1, 1, 50, 0, 1, 48, 1, 0, 2});
  EXPECT_EQ(rows_of_parts(layout, 0, 100, 2), (std::vector<std::size_t>{150, 54}));
  EXPECT_EQ(rows_of_parts(layout, 0, 100, 1), std::vector<std::size_t>{204});
  EXPECT_EQ(rows_of_parts(layout, 0, 1, 4), (std::vector<std::size_t>{2, 2, 2, 2}));
  EXPECT_EQ(rows_of_parts(layout, 45, 60, 3), (std::vector<std::size_t>{15, 0, 8}));
}

TEST(WorkSplit, NoPartHasALongestSequenceMoreThanItsShare) {
  std::vector<std::size_t> lengths(64);
  for (std::size_t b = 0; b < lengths.size(); ++b) lengths[b] = b * b * 37 % 301;
  const SequenceLayout layout(lengths);
  for (const std::size_t parts : {1, 2, 3, 7, 64, 100}) {
    const std::vector<std::size_t> rows = rows_of_parts(layout, 0, layout.time(), parts);
    EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), std::size_t{0}), layout.rows()) << parts;
    for (const std::size_t r : rows) EXPECT_LE(r, layout.rows() / parts + layout.time()) << parts;
  }
}

TEST(WorkSplit, NothingIsSharedOutOfNoSequences) {
  ThreadPool pool(3);
  for (const std::size_t parts : {1, 3})
    split_slots(pool, SequenceLayout({}), 0, 0, parts, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

}  // namespace
}  // namespace carousel
