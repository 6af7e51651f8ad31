#include "app/cli/text_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carousel::cli {
namespace {

const TextTable kTable = {{"", "model", "naive"},
                          {{{"RMSE"}, {"1.5", true}, {"22.25"}}, {{"MAE"}, {"13"}, {"9", true}}}};

TEST(TextTable, AlignedAndMarked) {
  EXPECT_EQ(to_text(kTable, 80, false),
            "      model    naive\n"
            "RMSE    1.5 *  22.25\n"
            "MAE      13        9 *\n");
}

TEST(TextTable, ColumnsThatDoNotFitFollowBelow) {
  EXPECT_EQ(to_text(kTable, 14, false),
            "      model\n"
            "RMSE    1.5 *\n"
            "MAE      13\n"
            "\n"
            "      naive\n"
            "RMSE  22.25\n"
            "MAE       9 *\n");
}

TEST(TextTable, NamesThatLeaveNoRoomStandAbove) {
  const TextTable table = {{"layers", "ms", "steps/s"}, {{{"lstm 512"}, {"1.5"}, {"22"}}}};
  EXPECT_EQ(to_text(table, 17, false),
            "layers     ms\n"
            "lstm 512  1.5\n"
            "\n"
            "layers    steps/s\n"
            "lstm 512       22\n");
  EXPECT_EQ(to_text(table, 16, false),
            "layers\n"
            "   ms  steps/s\n"
            "lstm 512\n"
            "  1.5       22\n");
}

TEST(TextTable, ColourOnlyOnTheBest) {
  const std::string text = to_text(kTable, 80, true);
  EXPECT_NE(text.find("\x1b[32m  1.5 *\x1b[0m  22.25"), std::string::npos);
}

TEST(TextTable, NoRoomForMarksWithoutAny) {
  EXPECT_EQ(to_text({{"layer", "inputs"}, {{{"lstm"}, {"3"}}}}, 80, false), "layer  inputs\nlstm        3\n");
}

TEST(ShortNumber, FourDigits) {
  EXPECT_EQ(short_number(0.123456), "0.1235");
  EXPECT_EQ(short_number(12.3456), "12.35");
  EXPECT_EQ(short_number(123456.7), "123457");
  EXPECT_EQ(short_number(-2.5e12), "-2.5e+12");
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(NAN), "-");
}

}  // namespace
}  // namespace carousel::cli
