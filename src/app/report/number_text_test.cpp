#include "app/report/number_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel::report {
namespace {

TEST(NumberText, KeepsFourSignificantDigits) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(0.034321), "0.03432");
  EXPECT_EQ(number_text(-12.3456), "-12.35");
  EXPECT_EQ(number_text(80), "80");
}

TEST(NumberText, SeparatesThousands) {
  EXPECT_EQ(number_text(999.94), "999.9");
  EXPECT_EQ(number_text(999.96), "1,000");
  EXPECT_EQ(number_text(12345.6), "12,346");
  EXPECT_EQ(number_text(-123456), "-123,456");
  EXPECT_EQ(number_text(1234567), "1,234,567");
}

TEST(NumberText, WritesADashForWhatIsNoNumberAndAnExponentForTheHuge) {
  EXPECT_EQ(number_text(NAN), "–");
  EXPECT_EQ(number_text(INFINITY, "kWh"), "–");
  EXPECT_EQ(number_text(1e20), "1e+20");
}

TEST(NumberText, PutsTheUnitBehind) {
  EXPECT_EQ(number_text(3.214, "%"), "3.214 %");
  EXPECT_EQ(number_text(2, ""), "2");
}

}  // namespace
}  // namespace carousel::report
