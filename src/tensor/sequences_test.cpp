#include "tensor/sequences.h"

#include <gtest/gtest.h>

namespace carousel {
namespace {

TEST(SequenceLayout, AnyOrderAndEmptyRowsAreLegal) {
  const SequenceLayout layout({2, 0, 5, 2, 1});
  EXPECT_EQ(layout.batch(), 5u);
  EXPECT_EQ(layout.time(), 5u);
  EXPECT_EQ(layout.rows(), 10u);
  EXPECT_EQ(layout.sequence(0), 2u);
  EXPECT_EQ(layout.sequence(1), 0u);  // ties keep the caller's order
  EXPECT_EQ(layout.sequence(2), 3u);
  EXPECT_EQ(layout.sequence(4), 1u);
  EXPECT_EQ(layout.active(0), 4u);
  EXPECT_EQ(layout.active(1), 3u);
  EXPECT_EQ(layout.active(2), 1u);
  for (std::size_t b = 0; b < 5; ++b) EXPECT_EQ(layout.sequence(layout.slot(b)), b);
}

TEST(SequenceLayout, NoSequencesAndOnlyEmptyOnes) {
  EXPECT_EQ(SequenceLayout({}).rows(), 0u);
  EXPECT_EQ(SequenceLayout({}).time(), 0u);
  EXPECT_EQ(SequenceLayout({0, 0}).rows(), 0u);
  EXPECT_EQ(SequenceLayout({0, 0}).batch(), 2u);
}

TEST(Sequences, EveryStepHasARowOfItsOwn) {
  Sequences<float> x({3, 0, 1, 4}, 2);
  for (std::size_t b = 0; b < 4; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      for (std::size_t f = 0; f < 2; ++f) {
        EXPECT_EQ(x.at(b, t)[f], 0.0f);
        x.at(b, t)[f] = static_cast<float>(100 * b + 10 * t + f + 1);
      }
  for (std::size_t b = 0; b < 4; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      EXPECT_EQ(x.at(b, t)[1], static_cast<float>(100 * b + 10 * t + 2));
}

TEST(Sequences, ATimeSliceKeepsTheCallersOrder) {
  Sequences<double> x({3, 5, 1}, 1);
  for (std::size_t b = 0; b < 3; ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t) x.at(b, t)[0] = static_cast<double>(10 * b + t);
  const Sequences<double> slice = slice_time(x, 2, 4);
  EXPECT_EQ(slice.layout().lengths(), (std::vector<std::size_t>{1, 2, 0}));
  EXPECT_EQ(slice.at(0, 0)[0], 2);
  EXPECT_EQ(slice.at(1, 1)[0], 13);
}

}  // namespace
}  // namespace carousel
