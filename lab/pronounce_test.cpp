// The dictionary as pairs of lines.
#include "lab/pronounce.h"

#include <gtest/gtest.h>

namespace carousel::lab {
namespace {

TEST(Pronounce, StressRemarksAndNumbersOfAnswersAreTakenOff) {
  EXPECT_EQ(pronunciation_pairs("a AH0\n"
                                "a(2) EY1\n"
                                "aaronson EH1 R AH0 N S AH0 N # name, danish\n"
                                "\n"
                                "aaronson(2) EH0 R AH1 N S AH2 N\n"  // the same but for stress
                                "'bout B AW1 T"),
            "a\tAH\n"
            "a\tEY\n"
            "aaronson\tEH R AH N S AH N\n"
            "'bout\tB AW T\n");
}

}  // namespace
}  // namespace carousel::lab
