#include "data/bad_examples.h"

#include <gmock/gmock.h>

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

TEST(BadExamples, WhatIsSaidOfOneDoesNotRepeatItsName) {
  EXPECT_EQ(without_name("a.wav", "a.wav: found nothing"), "found nothing");
  EXPECT_EQ(without_name("a.wav", "set/a.wav, byte 3: found nothing"), "byte 3: found nothing");
  EXPECT_EQ(without_name("a.tok line 1", "a.tok line 1: found nothing"), "found nothing");
  EXPECT_EQ(without_name("a.tok line 1", "a.tok line 12: found nothing"), "in line 12: found nothing");
  EXPECT_EQ(without_name("a.wav", "found nothing in a.wav"), "found nothing in a.wav");
  EXPECT_EQ(without_name("", "found nothing"), "found nothing");
}

TEST(BadExamples, OneIsRefusedOrAllAreListed) {
  BadExampleList refused(skip_bad(false));
  EXPECT_TRUE(refused.take("a", [] {}));
  EXPECT_THAT([&] { refused.take("b", [] { throw DataError("b, step 2: found nan"); }); },
              ThrowsMessage<DataError>(HasSubstr("b, step 2: found nan; --skip-bad goes on")));
  BadExampleList skipped(skip_bad(true));
  EXPECT_FALSE(skipped.take("b", [] { throw DataError("b, step 2: found nan"); }));
  for (int i = 0; i < 22; ++i) skipped.add({"c", "is empty"});
  EXPECT_EQ(first_left_out(skipped.list()),
            "; 23 bad examples were left out, the first is b: step 2: found nan");
  const std::vector<std::string> lines = left_out_lines(skipped.list());
  ASSERT_EQ(lines.size(), 22u);
  EXPECT_THAT(std::vector<std::string>({lines[0], lines[1], lines.back()}),
              ElementsAre("left out: 23 bad examples", "  b: step 2: found nan", "  and 3 more"));
  EXPECT_THAT(left_out_lines({}), IsEmpty());
  EXPECT_EQ(first_left_out({}), "");
}

}  // namespace
}  // namespace carousel
