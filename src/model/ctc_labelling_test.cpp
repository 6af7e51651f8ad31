#include "model/ctc_labelling.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/ctc_testing.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using namespace testing;
using Symbols = std::vector<std::size_t>;

Symbols symbols_of(const CtcLabelling& labelling) {
  Symbols result;
  for (const TimedSymbol& one : labelling.symbols) result.push_back(one.symbol);
  return result;
}

/// Log probabilities by which this path is the best at each frame.
Tensor<double> saying(const Symbols& path, std::size_t outputs) {
  Tensor<double> p({path.size(), outputs}, -3.0);
  for (std::size_t t = 0; t < path.size(); ++t) p[t * outputs + path[t]] = -0.25;
  return p;
}

TEST(GreedyCtc, joins_runs_and_drops_blanks) {
  const Tensor<double> p = saying({0, 1, 1, 0, 1, 2, 2, 2, 0}, 3);
  const CtcLabelling labelling = greedy_ctc(view(p), 0);
  EXPECT_THAT(labelling.symbols, ElementsAre(TimedSymbol{1, 1, 3, -0.5}, TimedSymbol{1, 4, 5, -0.25},
                                             TimedSymbol{2, 5, 8, -0.75}));
  EXPECT_EQ(labelling.log_probability, 9 * -0.25);
  // The same path where another output is the blank.
  EXPECT_EQ(symbols_of(greedy_ctc(view(p), 2)), (Symbols{0, 1, 0, 1, 0}));
}

TEST(GreedyCtc, is_the_collapsed_likeliest_path) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Tensor<double> p = some_log_probabilities(6, 3, seed);
    Enumerated best;
    for (const auto& [labels, one] : all_labellings(view(p), 1))
      if (one.best > best.best) best = one;
    const CtcLabelling found = greedy_ctc(view(p), 1);
    EXPECT_EQ(symbols_of(found), collapsed(best.best_path, 1));
    EXPECT_NEAR(found.log_probability, best.best, 1e-12);
  }
}

TEST(GreedyCtc, of_equals_the_first_is_taken) {
  const Tensor<double> p({2, 3}, -1.0);
  EXPECT_EQ(symbols_of(greedy_ctc(view(p), 2)), (Symbols{0}));
  EXPECT_TRUE(greedy_ctc(view(p), 0).symbols.empty());
}

TEST(GreedyCtc, as_a_stream_says_a_symbol_when_its_run_is_over) {
  const Tensor<double> p = saying({1, 1, 2, 0, 2}, 3);
  GreedyCtc stream(3, 0);
  const auto read = [&](std::size_t t) { return stream.read(view(p).row_span(t)); };
  EXPECT_FALSE(read(0));
  EXPECT_FALSE(read(1));
  EXPECT_EQ(read(2), (TimedSymbol{1, 0, 2, -0.5}));
  EXPECT_EQ(read(3), (TimedSymbol{2, 2, 3, -0.25}));
  EXPECT_FALSE(read(4));
  EXPECT_EQ(stream.finish(), (TimedSymbol{2, 4, 5, -0.25}));
  EXPECT_FALSE(stream.finish());
  EXPECT_EQ(stream.frames(), 5);
  EXPECT_EQ(stream.log_probability(), 5 * -0.25);
}

TEST(GreedyCtc, says_the_same_as_a_stream_and_as_a_whole) {
  const Tensor<double> p = some_log_probabilities(200, 4, 7);
  GreedyCtc stream(4, 3);
  std::vector<TimedSymbol> said;
  for (std::size_t t = 0; t < 200; ++t)
    if (const auto symbol = stream.read(view(p).row_span(t))) said.push_back(*symbol);
  if (const auto symbol = stream.finish()) said.push_back(*symbol);
  const CtcLabelling whole = greedy_ctc(view(p), 3);
  EXPECT_EQ(said, whole.symbols);
  EXPECT_EQ(stream.log_probability(), whole.log_probability);
  EXPECT_GT(said.size(), 50u);
}

TEST(GreedyCtc, of_no_frames_is_nothing) {
  const CtcLabelling nothing = greedy_ctc(View<const float>(nullptr, 0, 4), 0);
  EXPECT_TRUE(nothing.symbols.empty());
  EXPECT_EQ(nothing.log_probability, 0);
}

TEST(AlignCtc, is_the_likeliest_of_all_paths_of_the_labelling) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Tensor<double> p = some_log_probabilities(6, 3, seed);
    for (const auto& [labels, one] : all_labellings(view(p), 0)) {
      const CtcLabelling found = align_ctc(view(p), 0, labels);
      EXPECT_NEAR(found.log_probability, one.best, 1e-12);
      ASSERT_EQ(symbols_of(found), labels);
      Symbols path(6, 0);
      for (const TimedSymbol& symbol : found.symbols) {
        double own = 0;
        for (std::size_t t = symbol.begin; t < symbol.end; ++t) {
          path[t] = symbol.symbol;
          own += p[t * 3 + symbol.symbol];
        }
        EXPECT_NEAR(symbol.log_probability, own, 1e-12);
      }
      EXPECT_EQ(path, one.best_path);
    }
  }
}

TEST(AlignCtc, of_equally_likely_paths_outputs_stand_as_long_as_they_can) {
  const Tensor<double> p({5, 3}, -1.0);
  EXPECT_THAT(
      align_ctc(view(p), 0, Symbols{1, 2}).symbols,
      ElementsAre(TimedSymbol{1, 0, 1, -1}, TimedSymbol{2, 1, 2, -1}));  // the last blank stands longest
  EXPECT_TRUE(align_ctc(view(p), 0, Symbols{}).symbols.empty());
  EXPECT_EQ(align_ctc(view(p), 0, Symbols{}).log_probability, -5);
}

TEST(AlignCtc, needs_a_frame_for_each_symbol_and_for_a_blank_between_equals) {
  const Tensor<double> p({3, 3}, -1.0);
  EXPECT_EQ(align_ctc(view(p), 0, Symbols{1, 2, 1}).symbols.size(), 3);
  EXPECT_EQ(align_ctc(view(p), 0, Symbols{1, 1}).symbols.size(), 2);
  for (const Symbols& labels : {Symbols{1, 1, 2}, Symbols{1, 2, 1, 2}}) {
    const CtcLabelling impossible = align_ctc(view(p), 0, labels);
    EXPECT_EQ(impossible.log_probability, -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(impossible.symbols.empty());
  }
}

// More frames and symbols than are remembered together.
TEST(AlignCtc, long_labellings_stand_where_they_were_said) {
  constexpr std::size_t kSymbols = 4500, kFrames = 3 * kSymbols;
  Tensor<double> p({kFrames, 4}, -8.0);
  Symbols labels;
  std::vector<TimedSymbol> expected;
  for (std::size_t u = 0; u < kSymbols; ++u) {
    labels.push_back(1 + u * u % 3);
    const std::size_t long_one = u % 2;  // one frame and two of blank, or two and one
    expected.push_back({labels[u], 3 * u, 3 * u + 1 + long_one, -0.5 * static_cast<double>(1 + long_one)});
    for (std::size_t t = 0; t < 3; ++t) p[(3 * u + t) * 4 + (t <= long_one ? labels[u] : 0)] = -0.5;
  }
  const CtcLabelling found = align_ctc(view(p), 0, labels);
  EXPECT_EQ(found.symbols, expected);
  EXPECT_NEAR(found.log_probability, -0.5 * kFrames, 1e-6);
}

TEST(CtcLabelling, refuses_what_are_no_log_probabilities) {
  Tensor<double> p({3, 2}, -1.0);
  EXPECT_THAT([&] { greedy_ctc(view(p), 2); },
              ThrowsMessage<Error>(HasSubstr("a blank among 2 outputs, got number 2")));
  EXPECT_THAT([&] { align_ctc(view(p), 0, Symbols{0}); },
              ThrowsMessage<Error>(HasSubstr("but the blank 0, got 0")));
  EXPECT_THROW(align_ctc(view(p), 0, Symbols{2}), Error);
  const Tensor<double> wide({4096, 2}, -1.0);
  EXPECT_NO_THROW(align_ctc(view(wide), 0, Symbols{1}));
  const View<const double> same(p.data(), std::size_t{1} << 20, 2, 0);  // a row again and again
  EXPECT_THAT([&] { align_ctc(same, 0, Symbols(std::size_t{1} << 20, 1)); },
              ThrowsMessage<Error>(HasSubstr("too many to align")));
  p[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT([&] { greedy_ctc(view(p), 0); },
              ThrowsMessage<Error>(HasSubstr("frame 1: expected logarithms")));
  EXPECT_THROW(align_ctc(view(p), 0, Symbols{1}), Error);
  p[3] = 2.5;
  EXPECT_THAT([&] { greedy_ctc(view(p), 0); }, ThrowsMessage<Error>(HasSubstr("got 2.5")));
  GreedyCtc stream(2, 0);
  const std::vector<float> frame(3, -1.0f);
  EXPECT_THAT([&] { stream.read(std::span(frame)); },
              ThrowsMessage<Error>(HasSubstr("expected 2 outputs, got 3")));
}

}  // namespace
}  // namespace carousel
