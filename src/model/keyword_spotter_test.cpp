#include "model/keyword_spotter.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "model/ctc_testing.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using namespace testing;
using Symbols = std::vector<std::size_t>;

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// Log probabilities by which this path is the best at each frame, the others 2 below.
Tensor<double> saying(const Symbols& path, std::size_t outputs) {
  Tensor<double> p({path.size(), outputs}, -3.0);
  for (std::size_t t = 0; t < path.size(); ++t) p[t * outputs + path[t]] = -1;
  return p;
}

/// The best window that ends with each frame, by trying every path of every window.
std::vector<KeywordWindow> windows_by_trying(View<const double> p, std::size_t blank,
                                             const Symbols& keyword) {
  std::vector<KeywordWindow> result;
  for (std::size_t end = 1; end <= p.rows(); ++end) {
    double best = kNever;
    KeywordWindow window{end - 1, end, kNever};
    for (std::size_t begin = 0; begin < end; ++begin)
      for_each_path(end - begin, p.columns(), [&](const Symbols& path) {
        if (path.front() == blank || path.back() == blank || collapsed(path, blank) != keyword) return;
        double sum = 0;
        for (std::size_t t = begin; t < end; ++t)
          sum += p(t, path[t - begin]) - *std::ranges::max_element(p.row_span(t));
        if (!(sum > best)) return;
        best = sum;
        window.begin = begin;
        window.score = sum / static_cast<double>(path.size() -
                                                 static_cast<std::size_t>(std::ranges::count(path, blank)));
      });
    result.push_back(window);
  }
  return result;
}

TEST(KeywordSpotter, finds_the_best_of_all_windows_and_paths) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Tensor<double> p = some_log_probabilities(7, 3, seed);
    for (const Symbols& keyword : {Symbols{0}, Symbols{0, 2}, Symbols{2, 2}, Symbols{0, 2, 0}}) {
      KeywordSpotter spotter(3, 1, keyword);
      const auto expected = windows_by_trying(view(p), 1, keyword);
      for (std::size_t t = 0; t < 7; ++t) {
        const KeywordWindow found = spotter.read(view(p).row_span(t));
        EXPECT_EQ(found.end, t + 1);
        if (expected[t].score == kNever) {
          EXPECT_EQ(found.score, kNever);
          continue;
        }
        EXPECT_NEAR(found.score, expected[t].score, 1e-12) << "seed " << seed << " frame " << t;
        EXPECT_EQ(found.begin, expected[t].begin) << "seed " << seed << " frame " << t;
      }
    }
  }
}

TEST(KeywordSpotter, what_the_best_path_says_has_score_0_from_first_to_last_frame) {
  //                                 0  1  2  3  4  5  6  7  8  9  10 11
  const Tensor<double> p = saying({0, 3, 1, 1, 0, 0, 2, 2, 0, 1, 2, 3}, 4);
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{1, 2}, -0.1),
              ElementsAre(KeywordWindow{2, 8, 0}, KeywordWindow{9, 11, 0}));
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{3}, 0),
              ElementsAre(KeywordWindow{1, 2, 0}, KeywordWindow{11, 12, 0}));
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{2, 1}, -0.1), ElementsAre(KeywordWindow{6, 10, 0}));
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{3, 2}, -0.1), IsEmpty());
}

/// What a stream tells, behind the number of frames it had then.
std::vector<std::pair<std::size_t, KeywordWindow>> told_in_time(View<const double> p, const Symbols& keyword,
                                                                double threshold) {
  std::vector<std::pair<std::size_t, KeywordWindow>> told;
  KeywordStream stream(KeywordSpotter(p.columns(), 0, keyword), threshold);
  for (std::size_t t = 0; t < p.rows(); ++t)
    if (const auto window = stream.read(p.row_span(t))) told.emplace_back(t + 1, *window);
  if (const auto window = stream.finish()) told.emplace_back(p.rows(), *window);
  return told;
}

TEST(KeywordStream, tells_a_keyword_at_the_frame_after_it_or_at_the_end) {
  //                                 0  1  2  3  4  5  6  7  8  9  10 11
  const Tensor<double> p = saying({0, 3, 1, 1, 0, 0, 2, 2, 0, 1, 2, 3}, 4);
  using Told = std::pair<std::size_t, KeywordWindow>;
  EXPECT_THAT(told_in_time(view(p), {1, 2}, -0.1), ElementsAre(Told{9, {2, 8, 0}}, Told{12, {9, 11, 0}}));
  EXPECT_THAT(told_in_time(view(p), {3}, 0), ElementsAre(Told{3, {1, 2, 0}}, Told{12, {11, 12, 0}}));
  EXPECT_THAT(told_in_time(view(p), {3, 2}, -0.1), IsEmpty());
}

TEST(KeywordStream, windows_have_no_frame_in_common_and_reach_the_threshold) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Tensor<double> p = some_log_probabilities(80, 4, seed);
    const auto told = told_in_time(view(p), {1, 3}, -0.6);
    ASSERT_GT(told.size(), 1u);
    std::size_t end = 0;
    for (const auto& [frames, window] : told) {
      EXPECT_GE(window.begin, end);
      EXPECT_GE(window.score, -0.6);
      EXPECT_GE(frames, window.end);
      end = window.end;
    }
  }
}

TEST(KeywordSpotter, a_pause_does_not_make_up_for_a_symbol_that_is_missing) {
  Symbols path(100, 0);
  path[10] = 1;  // 1, long nothing, 3 instead of 2
  path[90] = 3;
  const Tensor<double> p = saying(path, 4);
  const auto found = spot_keyword(view(p), 0, Symbols{1, 2}, -10);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].score, -1);  // one frame of two is 2 below the best
}

TEST(KeywordSpotter, windows_do_not_overlap_and_the_better_ones_stay) {
  const Tensor<double> p = some_log_probabilities(60, 4, 5);
  for (const double threshold : {-0.2, -1.0, -100.0}) {
    const Symbols keyword = {1, 3};
    KeywordSpotter spotter(4, 0, keyword);
    std::vector<KeywordWindow> left, expected;
    for (std::size_t t = 0; t < 60; ++t) left.push_back(spotter.read(view(p).row_span(t)));
    for (;;) {  // the best that meets none so far
      std::optional<KeywordWindow> best;
      for (const KeywordWindow& one : left) {
        const bool meets = std::ranges::any_of(expected, [&](const KeywordWindow& other) {
          return one.begin < other.end && other.begin < one.end;
        });
        if (meets || one.score < threshold) continue;
        if (!best || one.score > best->score ||
            (one.score == best->score && one.end - one.begin > best->end - best->begin))
          best = one;
      }
      if (!best) break;
      expected.push_back(*best);
    }
    EXPECT_EQ(spot_keyword(view(p), 0, keyword, threshold), expected);
    EXPECT_GT(expected.size(), 1u);
  }
}

TEST(KeywordSpotter, floats_are_taken_as_they_are) {
  const Tensor<double> p = some_log_probabilities(20, 3, 8);
  Tensor<float> rounded({20, 3});
  Tensor<double> again({20, 3});
  for (std::size_t i = 0; i < p.size(); ++i) again[i] = rounded[i] = static_cast<float>(p[i]);
  EXPECT_EQ(spot_keyword(std::as_const(rounded).matrix(), 0, Symbols{1, 2}, -9),
            spot_keyword(view(again), 0, Symbols{1, 2}, -9));
}

TEST(KeywordSpotter, what_is_impossible_is_not_found) {
  Tensor<double> p = saying({1, 2}, 3);
  p[5] = kNever;
  p[4] = 0;
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{1, 2}, kNever), IsEmpty());
  p.fill(kNever);
  EXPECT_THAT(spot_keyword(view(p), 0, Symbols{1}, kNever), IsEmpty());
  EXPECT_THAT(spot_keyword(View<const double>(nullptr, 0, 3), 0, Symbols{1}, kNever), IsEmpty());
}

TEST(KeywordSpotter, refuses_what_is_no_keyword) {
  EXPECT_THAT([] { KeywordSpotter(4, 0, {}); }, ThrowsMessage<Error>(HasSubstr("at least one symbol")));
  EXPECT_THAT(
      [] {
        KeywordSpotter(4, 1, {2, 1});
      },
      ThrowsMessage<Error>(HasSubstr("but the blank 1, got 1")));
  EXPECT_THROW(KeywordSpotter(4, 1, {4}), Error);
  EXPECT_THROW(KeywordSpotter(4, 4, {1}), Error);
  const std::vector<double> frame = {-1, std::numeric_limits<double>::quiet_NaN()};
  KeywordSpotter spotter(2, 0, {1});
  EXPECT_THAT([&] { spotter.read(std::span(frame)); }, ThrowsMessage<Error>(HasSubstr("frame 0")));
}

}  // namespace
}  // namespace carousel
