#include "tasks/season.h"

#include <gtest/gtest.h>

namespace carousel {
namespace {

std::size_t of_seconds(std::int64_t seconds) { return season_of({Frequency::Unit::seconds, seconds, false}); }
std::size_t of_months(std::int64_t months) { return season_of({Frequency::Unit::months, months, false}); }

TEST(Season, of_usual_frequencies) {
  EXPECT_EQ(of_months(1), 12);
  EXPECT_EQ(of_months(3), 4);
  EXPECT_EQ(of_seconds(60), 1440);
  EXPECT_EQ(of_seconds(900), 96);
  EXPECT_EQ(of_seconds(1800), 48);
  EXPECT_EQ(of_seconds(3600), 24);
  EXPECT_EQ(of_seconds(86400), 7);
  EXPECT_EQ(of_seconds(7 * 86400), 52);
  EXPECT_EQ(of_seconds(10), 360);
}

TEST(Season, none_where_there_is_no_whole_cycle) {
  EXPECT_EQ(season_of({}), 0);
  EXPECT_EQ(of_months(12), 0);
  EXPECT_EQ(of_months(5), 0);
  EXPECT_EQ(of_seconds(7 * 3600), 0);
  EXPECT_EQ(of_seconds(4 * 86400), 0);
  EXPECT_EQ(of_seconds(400 * 86400), 0);
}

}  // namespace
}  // namespace carousel
