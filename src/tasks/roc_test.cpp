#include "tasks/roc.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Cases = std::vector<ScoredCase>;

// The example in the documentation of scikit-learn's roc_curve and roc_auc_score: labels 0 0 1 1, scores 0.1
// 0.4 0.35 0.8.
TEST(Roc, agrees_with_scikit_learn) {
  const Roc roc =
      receiver_operating_characteristic(Cases{{0.1, false}, {0.4, false}, {0.35, true}, {0.8, true}});
  EXPECT_DOUBLE_EQ(roc.auc, 0.75);
  ASSERT_EQ(roc.curve.size(), 5);
  const std::vector<double> thresholds = {HUGE_VAL, 0.8, 0.4, 0.35, 0.1}, right = {0, 0.5, 0.5, 1, 1},
                            wrong = {0, 0, 0.5, 0.5, 1};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(roc.curve[i].threshold, thresholds[i]);
    EXPECT_EQ(roc.true_positive_rate(roc.curve[i]), right[i]);
    EXPECT_EQ(roc.false_positive_rate(roc.curve[i]), wrong[i]);
  }
}

TEST(Roc, area_is_the_share_of_pairs_in_order_and_that_under_the_curve) {
  const Random random(2, 7);
  for (const std::uint64_t different : {3, 10, 1000}) {
    Cases cases;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const bool positive = random.below(3 * i, 3) == 0;
      cases.push_back(
          {static_cast<double>(random.below(3 * i + 1, different) + (positive ? 1 : 0)), positive});
    }
    double pairs = 0, ordered = 0;
    for (const ScoredCase& p : cases)
      for (const ScoredCase& n : cases) {
        if (!p.positive || n.positive) continue;
        ++pairs;
        ordered += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
      }
    const Roc roc = receiver_operating_characteristic(cases);
    EXPECT_DOUBLE_EQ(roc.auc, ordered / pairs);
    double area = 0;  // trapezoids
    for (std::size_t i = 1; i < roc.curve.size(); ++i) {
      const RocPoint &a = roc.curve[i - 1], &b = roc.curve[i];
      area += (roc.false_positive_rate(b) - roc.false_positive_rate(a)) *
              (roc.true_positive_rate(a) + roc.true_positive_rate(b)) / 2;
      std::uint64_t found = 0, wrong = 0;
      for (const ScoredCase& one : cases)
        if (one.score >= b.threshold) ++(one.positive ? found : wrong);
      EXPECT_EQ(b.true_positives, found);
      EXPECT_EQ(b.false_positives, wrong);
    }
    EXPECT_NEAR(area, roc.auc, 1e-12);
  }
}

TEST(Roc, with_one_score_alone_is_a_guess) {
  const Roc roc = receiver_operating_characteristic(Cases{{3, true}, {3, false}, {3, false}});
  EXPECT_EQ(roc.auc, 0.5);
  EXPECT_EQ(roc.curve.size(), 2);
}

TEST(Roc, of_one_kind_is_undefined) {
  EXPECT_TRUE(std::isnan(receiver_operating_characteristic(Cases{{3, true}, {1, true}}).auc));
  EXPECT_TRUE(std::isnan(receiver_operating_characteristic(Cases{{3, false}}).auc));
  const Roc roc = receiver_operating_characteristic(Cases{});
  EXPECT_TRUE(std::isnan(roc.auc));
  EXPECT_EQ(roc.curve.size(), 1);
  EXPECT_TRUE(std::isnan(roc.true_positive_rate(roc.curve[0])));
}

TEST(Roc, takes_infinite_scores_and_refuses_what_is_no_number) {
  const Roc roc = receiver_operating_characteristic(Cases{{HUGE_VAL, true}, {-HUGE_VAL, false}, {0, true}});
  EXPECT_EQ(roc.auc, 1);
  EXPECT_EQ(roc.curve.size(), 3);  // above infinity there is nothing
  EXPECT_THAT(
      [] {
        receiver_operating_characteristic(
            Cases{{1, true}, {std::numeric_limits<double>::quiet_NaN(), false}});
      },
      ThrowsMessage<Error>(HasSubstr("score of case 1")));
}

}  // namespace
}  // namespace carousel
