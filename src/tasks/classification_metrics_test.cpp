#include "tasks/classification_metrics.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Classes = std::vector<std::size_t>;

// Truth 0 0 0 0 1 1 2 2 2 2, taken for 0 0 1 2 1 0 2 2 2 1.
ConfusionMatrix example() {
  ConfusionMatrix matrix(4);
  matrix.add(Classes{0, 0, 0, 0, 1, 1, 2, 2, 2, 2}, Classes{0, 0, 1, 2, 1, 0, 2, 2, 2, 1});
  return matrix;
}

TEST(ConfusionMatrix, agrees_with_values_worked_out_by_hand) {
  const ConfusionMatrix matrix = example();
  EXPECT_THAT(matrix.counts(), ElementsAre(2, 1, 1, 0, 1, 1, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0));
  EXPECT_EQ(matrix.count(2, 1), 1);
  EXPECT_EQ(matrix.total(), 10);
  EXPECT_EQ(matrix.right(), 6);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 0.6);
  EXPECT_EQ(matrix.of_class(0), (DetectionCounts{2, 2, 1}));
  EXPECT_EQ(matrix.of_class(1), (DetectionCounts{1, 1, 2}));
  EXPECT_EQ(matrix.of_class(2), (DetectionCounts{3, 1, 1}));
  EXPECT_DOUBLE_EQ(matrix.of_class(0).precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(matrix.of_class(1).recall(), 0.5);
  EXPECT_TRUE(std::isnan(matrix.of_class(3).f1()));
  // 4/7, 2/5 and 6/8; the class that is nowhere does not count.
  EXPECT_DOUBLE_EQ(matrix.macro_f1(), (4.0 / 7 + 0.4 + 0.75) / 3);
  EXPECT_DOUBLE_EQ(matrix.micro_f1(), 0.6);
}

TEST(ConfusionMatrix, agrees_with_counting_case_by_case) {
  constexpr std::size_t kCases = 500, kClasses = 5;
  const Random random(3, 1);
  Classes truth, predicted;
  ConfusionMatrix matrix(kClasses);
  for (std::size_t i = 0; i < kCases; ++i) {
    truth.push_back(random.below(2 * i, kClasses));
    predicted.push_back(random.below(2 * i + 1, 3) == 0 ? truth.back() : random.below(1000 + i, kClasses));
  }
  matrix.add(truth, predicted);
  double sum = 0;
  for (std::size_t k = 0; k < kClasses; ++k) {
    double both = 0, there = 0, said = 0;
    for (std::size_t i = 0; i < kCases; ++i) {
      both += truth[i] == k && predicted[i] == k ? 1 : 0;
      there += truth[i] == k ? 1 : 0;
      said += predicted[i] == k ? 1 : 0;
    }
    EXPECT_DOUBLE_EQ(matrix.of_class(k).precision(), both / said);
    EXPECT_DOUBLE_EQ(matrix.of_class(k).recall(), both / there);
    sum += 2 * (both / said) * (both / there) / (both / said + both / there);
  }
  EXPECT_NEAR(matrix.macro_f1(), sum / kClasses, 1e-15);
  EXPECT_EQ(matrix.micro_f1(), matrix.accuracy());
}

TEST(ConfusionMatrix, parts_add_up) {
  ConfusionMatrix sum = example();
  sum += example();
  EXPECT_EQ(sum.count(2, 2), 6);
  EXPECT_EQ(sum.accuracy(), example().accuracy());
}

TEST(ConfusionMatrix, of_nothing_is_undefined) {
  const ConfusionMatrix nothing(3);
  EXPECT_TRUE(std::isnan(nothing.accuracy()));
  EXPECT_TRUE(std::isnan(nothing.macro_f1()));
  EXPECT_TRUE(std::isnan(nothing.micro_f1()));
}

TEST(ConfusionMatrix, refuses_what_is_no_class) {
  ConfusionMatrix matrix(3);
  EXPECT_THAT([&] { matrix.add(3, 0); }, ThrowsMessage<Error>(HasSubstr("below 3, got 3 taken for 0")));
  EXPECT_THROW(matrix.add(0, 3), Error);
  EXPECT_THROW(matrix.add(Classes{1, 2}, Classes{1}), Error);
  EXPECT_THROW(matrix += ConfusionMatrix(2), Error);
  EXPECT_THROW(ConfusionMatrix(0), SettingError);
  EXPECT_THAT([&] { ConfusionMatrix(std::size_t{1} << 40); },
              ThrowsMessage<SettingError>(HasSubstr("expected from 1 to 4096")));
}

TEST(ConfusionMatrix, ACaseOfAnotherClassIsAFalseAlarmAndAClassOfItsOwn) {
  // Truths a a b c d, taken for a a b a b: F1 of a 2*2/(2*2 + 1), of b 2/(2 + 1), of c and d 0.
  ConfusionMatrix confusion(2);
  confusion.add(0, 0);
  confusion.add(0, 0);
  confusion.add(1, 1);
  confusion.add_stranger(7, 0);
  confusion.add_stranger(9, 1);
  EXPECT_EQ(confusion.total(), 5u);
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 0.6);
  EXPECT_DOUBLE_EQ(confusion.micro_f1(), 0.6);
  EXPECT_DOUBLE_EQ(confusion.macro_f1(), (0.8 + 2.0 / 3) / 4);
  EXPECT_DOUBLE_EQ(confusion.of_class(0).precision(), 2.0 / 3);
  ConfusionMatrix twice = confusion;
  twice += confusion;
  EXPECT_DOUBLE_EQ(twice.macro_f1(), confusion.macro_f1());
  EXPECT_THROW(confusion.add_stranger(7, 2), Error);
}

}  // namespace
}  // namespace carousel
