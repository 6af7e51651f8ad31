#include "app/cli/progress_bar.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/cli/terminal.h"

namespace carousel::cli {
namespace {

ProgressRecord middle_of_a_run() {
  ProgressRecord record;
  record.epoch = 12;
  record.epochs = 50;
  record.loss = 0.0321;
  record.sequences_per_second = 1234.5;
  record.fraction = 0.25;
  record.seconds = 60;
  return record;
}

TEST(ProgressBar, NeverWiderThanTheRoom) {
  ProgressRecord huge = middle_of_a_run();
  huge.epoch = huge.epochs = 99'999'999'999;
  huge.loss = -1.234e-300;
  huge.sequences_per_second = 1e11;
  for (const ProgressRecord& record : {middle_of_a_run(), huge, ProgressRecord{}})
    for (const bool utf8 : {false, true})
      for (std::size_t columns = 0; columns <= 200; ++columns)
        EXPECT_LE(text_width(bar_text(record, 0.0402, columns, utf8)), columns);
}

TEST(ProgressBar, SaysAllWhereThereIsRoom) {
  EXPECT_EQ(bar_text(middle_of_a_run(), 0.0402, 92, false),
            "epoch 12/50  #####...............   25 %  loss 0.0321  validation 0.0402  1,234/s  3:00 left");
}

TEST(ProgressBar, LeavesOutWhatMattersLeast) {
  const std::string narrow = bar_text(middle_of_a_run(), 0.0402, 40, false);
  EXPECT_EQ(narrow, "epoch 12/50  ##.......   25 %  3:00 left");
  EXPECT_EQ(bar_text(middle_of_a_run(), 0.0402, 17, false), " 25 %  3:00 left");
  EXPECT_EQ(bar_text(middle_of_a_run(), 0.0402, 5, false), " 25 %");
}

TEST(ProgressBar, FiguresNotMeasuredAreLeftOut) {
  ProgressRecord record;
  record.epoch = 1;
  record.epochs = 2;
  EXPECT_EQ(bar_text(record, NAN, 40, false), "epoch 1/2  ..............    0 %  ? left");
}

TEST(ProgressBar, WorkWithoutEpochs) {
  ProgressRecord record;
  record.fraction = 0.25;
  record.seconds = 15;
  EXPECT_EQ(bar_text(record, NAN, 40, false), "#####.................   25 %  0:45 left");
}

TEST(EpochText, OneLine) {
  ProgressRecord record = middle_of_a_run();
  record.validation_loss = 0.0402;
  record.best = true;
  EXPECT_EQ(epoch_text(record), "epoch 12/50  loss 0.0321  validation 0.0402 (best)  1,234/s  3:00 left");
}

TEST(ClockText, HoursMinutesSeconds) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(59.6), "1:00");
  EXPECT_EQ(clock_text(3599), "59:59");
  EXPECT_EQ(clock_text(36061), "10:01:01");
  EXPECT_EQ(clock_text(NAN), "?");
  EXPECT_EQ(clock_text(INFINITY), "?");
}

}  // namespace
}  // namespace carousel::cli
