#include "data/calendar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

TEST(Calendar, CirclePointsAgreeWithSineAndCosine) {
  for (const std::uint64_t d : {1ULL, 2ULL, 3ULL, 7ULL, 12ULL, 24ULL, 365ULL, 366ULL, 1000ULL}) {
    for (std::uint64_t n = 0; n < d; ++n) {
      const long double angle =
          2 * std::numbers::pi_v<long double> * static_cast<long double>(n) / static_cast<long double>(d);
      const CirclePoint point = circle_point(n, d);
      EXPECT_NEAR(point.sine, static_cast<double>(std::sin(angle)), 0x1p-52) << n << "/" << d;
      EXPECT_NEAR(point.cosine, static_cast<double>(std::cos(angle)), 0x1p-52) << n << "/" << d;
    }
  }
  for (std::uint64_t n = 0; n < 86400; n += 37) {
    const long double angle = 2 * std::numbers::pi_v<long double> * static_cast<long double>(n) / 86400.0L;
    EXPECT_NEAR(circle_point(n, 86400).sine, static_cast<double>(std::sin(angle)), 0x1p-52);
  }
}

TEST(Calendar, QuartersOfTheCircleAreExact) {
  EXPECT_EQ(circle_point(0, 4).sine, 0.0);
  EXPECT_EQ(circle_point(0, 4).cosine, 1.0);
  EXPECT_EQ(circle_point(1, 4).sine, 1.0);
  EXPECT_EQ(circle_point(1, 4).cosine, 0.0);
  EXPECT_EQ(circle_point(2, 4).cosine, -1.0);
  EXPECT_EQ(circle_point(3, 4).sine, -1.0);
}

TEST(Calendar, FeaturesFollowTheFrequency) {
  using enum CalendarFeature;
  using Features = std::vector<CalendarFeature>;
  EXPECT_EQ(calendar_features(parse_frequency("hourly")), (Features{hour_of_day, day_of_week, day_of_year}));
  EXPECT_EQ(calendar_features(parse_frequency("daily")), (Features{day_of_week, day_of_year}));
  EXPECT_EQ(calendar_features(parse_frequency("weekly")), (Features{day_of_year}));
  EXPECT_EQ(calendar_features(parse_frequency("monthly")), (Features{month_of_year}));
  EXPECT_EQ(calendar_features(parse_frequency("quarterly")), (Features{month_of_year}));
  EXPECT_TRUE(calendar_features(parse_frequency("yearly")).empty());
  EXPECT_TRUE(calendar_features(Frequency{}).empty());
}

std::vector<float> at(std::string_view time, CalendarFeature feature) {
  std::vector<float> out(2);
  calendar_values(parse_time(time, DateOrder::find_out)->seconds, {&feature, 1}, out);
  return out;
}

TEST(Calendar, PhasesLieWhereTheClockStands) {
  using enum CalendarFeature;
  EXPECT_EQ(at("2021-05-03 06:00", hour_of_day), (std::vector<float>{1, 0}));
  EXPECT_EQ(at("1969-05-03 18:00", hour_of_day), (std::vector<float>{-1, 0}));
  EXPECT_EQ(at("2024-01-01 07:00", day_of_week), (std::vector<float>{0, 1}));  // a Monday
  EXPECT_EQ(at("1945-05-07", day_of_week), (std::vector<float>{0, 1}));        // a Monday before 1970
  EXPECT_EQ(at("2023-01-01", day_of_year), (std::vector<float>{0, 1}));
  EXPECT_EQ(at("2024-07-02", day_of_year), (std::vector<float>{0, -1}));  // 183 of 366 days gone
  EXPECT_EQ(at("1949-04-01", month_of_year), (std::vector<float>{1, 0}));
  EXPECT_EQ(at("1949-10-31", month_of_year), (std::vector<float>{-1, 0}));
}

TEST(Calendar, NamesAreParsed) {
  EXPECT_EQ(parse_calendar_feature(name(CalendarFeature::day_of_year)), CalendarFeature::day_of_year);
  EXPECT_THROW(parse_calendar_feature("day_of_yaer"), SettingError);
}

}  // namespace
}  // namespace carousel
