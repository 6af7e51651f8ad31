#include "tasks/detection_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace carousel {
namespace {

using Labels = std::vector<std::size_t>;
using Ranges = std::vector<Range>;
using Windows = std::vector<LabelledWindow>;

TEST(DetectionMetrics, ratios_worked_out_by_hand) {
  const DetectionCounts counts{.hits = 6, .misses = 2, .false_alarms = 3};
  EXPECT_DOUBLE_EQ(counts.precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.recall(), 0.75);
  EXPECT_DOUBLE_EQ(counts.f1(), 2 * (2.0 / 3) * 0.75 / (2.0 / 3 + 0.75));
  DetectionCounts sum = counts;
  sum += {1, 2, 3};
  EXPECT_EQ(sum, (DetectionCounts{7, 4, 6}));
}

TEST(DetectionMetrics, a_ratio_of_nothing_is_undefined) {
  EXPECT_TRUE(std::isnan(DetectionCounts().f1()));
  const DetectionCounts nothing_found{.misses = 2};
  EXPECT_TRUE(std::isnan(nothing_found.precision()));
  EXPECT_EQ(nothing_found.recall(), 0);
  EXPECT_EQ(nothing_found.f1(), 0);
}

TEST(DetectionMetrics, a_true_window_is_found_once) {
  const Windows truth = {{1, {0, 10}}, {1, {20, 30}}, {2, {40, 50}}};
  EXPECT_EQ(score_windows(truth, Windows{{1, {2, 8}}, {1, {4, 9}}}), (DetectionCounts{1, 2, 1}));
  // One step in common with each of the first two: it takes the first.
  EXPECT_EQ(score_windows(truth, Windows{{1, {9, 21}}, {1, {5, 6}}}), (DetectionCounts{1, 2, 1}));
  EXPECT_EQ(score_windows(truth, Windows{{1, {9, 21}}, {1, {25, 26}}, {2, {49, 60}}}),
            (DetectionCounts{3, 0, 0}));
  EXPECT_EQ(score_windows(truth, Windows{{1, {8, 22}}, {1, {25, 26}}}), (DetectionCounts{2, 1, 0}));
  // Two with the second, one with the first.
  EXPECT_EQ(score_windows(truth, Windows{{1, {9, 22}}, {1, {5, 6}}}), (DetectionCounts{2, 1, 0}));
}

TEST(DetectionMetrics, another_label_or_a_border_in_common_is_no_hit) {
  const Windows truth = {{1, {10, 20}}};
  EXPECT_EQ(score_windows(truth, Windows{{2, {10, 20}}}), (DetectionCounts{0, 1, 1}));
  EXPECT_EQ(score_windows(truth, Windows{{1, {20, 30}}, {1, {0, 10}}}), (DetectionCounts{0, 1, 2}));
  EXPECT_EQ(score_windows(truth, {}), (DetectionCounts{0, 1, 0}));
  EXPECT_EQ(score_windows({}, truth), (DetectionCounts{0, 0, 1}));
}

TEST(DetectionMetrics, labels_without_times) {
  EXPECT_EQ(score_labels(Labels{3, 3, 5}, Labels{3, 3, 3, 7}), (DetectionCounts{2, 1, 2}));
  EXPECT_EQ(score_labels({}, Labels{3}), (DetectionCounts{0, 0, 1}));
}

TEST(DetectionMetrics, anomalies_count_by_window) {
  const Ranges truth = {{10, 20}, {40, 50}, {60, 61}};
  // Two in one window are one hit; one over two windows is a hit of both and no false alarm.
  EXPECT_EQ(score_anomalies(truth, Ranges{{11, 12}, {18, 25}}), (DetectionCounts{1, 2, 0}));
  EXPECT_EQ(score_anomalies(truth, Ranges{{0, 10}, {20, 30}, {49, 70}}), (DetectionCounts{2, 1, 2}));
}

TEST(DetectionMetrics, anomalies_agree_with_steps_marked_one_by_one) {
  const Random random(5, 1);
  for (std::size_t round = 0; round < 200; ++round) {
    std::uint64_t drawn = round * 100;
    const auto windows = [&] {
      Ranges all;
      for (std::size_t at = 0; at < 36;) {
        const std::size_t begin = at + random.below(drawn++, 8), end = begin + random.below(drawn++, 4);
        all.push_back({begin, end});  // some are empty
        at = end + 1;
      }
      return all;
    };
    const Ranges truth = windows(), found = windows();
    const auto marked = [](const Ranges& all) {
      std::vector<bool> steps(64);
      for (const Range& r : all)
        for (std::size_t t = r.begin; t < r.end; ++t) steps[t] = true;
      return steps;
    };
    const auto touched = [](const Range& r, const std::vector<bool>& steps) {
      bool any = false;
      for (std::size_t t = r.begin; t < r.end; ++t) any = any || steps[t];
      return any;
    };
    const std::vector<bool> true_steps = marked(truth), found_steps = marked(found);
    DetectionCounts expected;
    for (const Range& r : truth) ++(touched(r, found_steps) ? expected.hits : expected.misses);
    for (const Range& r : found) expected.false_alarms += touched(r, true_steps) ? 0 : 1;
    EXPECT_EQ(score_anomalies(truth, found), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace carousel
