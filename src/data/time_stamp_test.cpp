#include "data/time_stamp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "carousel/error.h"
#include "data/frequency.h"

namespace carousel {
namespace {

std::int64_t seconds(std::string_view text, DateOrder order = DateOrder::find_out) {
  const std::optional<ParsedTime> time = parse_time(text, order);
  EXPECT_TRUE(time) << text;
  return time ? time->seconds : -1;
}

TEST(TimeStamp, CivilDaysAgreeWithCountingDayByDay) {
  // 0001-01-01 is 719,162 days before 1970.
  std::int64_t days = -719162;
  for (int year = 1; year <= 2400; ++year) {
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; ++month) {
      ASSERT_EQ(days_in_month(year, month), lengths[month - 1]);
      for (int day = 1; day <= lengths[month - 1]; ++day, ++days) {
        ASSERT_EQ(days_from_civil({year, month, day}), days);
        ASSERT_EQ(civil_from_days(days), (CivilDate{year, month, day}));
      }
    }
  }
}

// Expected values from `date -u -d ... +%s`.
TEST(TimeStamp, ReadsTheUsualForms) {
  EXPECT_EQ(seconds("1970-01-01"), 0);
  EXPECT_EQ(seconds("2016-07-01 00:00:00"), 1467331200);
  EXPECT_EQ(seconds("2016-07-01T13:45:07"), 1467380707);
  EXPECT_EQ(seconds("2016-07-01T13:45:07.123456"), 1467380707);
  EXPECT_EQ(seconds("2016-07-01T13:45:07Z"), 1467380707);
  EXPECT_EQ(seconds("2016-07-01T13:45:07+02:00"), 1467373507);
  EXPECT_EQ(seconds("2016-07-01 13:45:07 -0530"), 1467400507);
  EXPECT_EQ(seconds("2016-07-01 13:45"), 1467380700);
  EXPECT_EQ(seconds("2016/07/01"), 1467331200);
  EXPECT_EQ(seconds("01.07.2016"), 1467331200);
  EXPECT_EQ(seconds("1749-01"), -6974035200);
  EXPECT_EQ(seconds("31/12/2016"), 1483142400);
  EXPECT_EQ(seconds("12/31/2016"), 1483142400);
  EXPECT_EQ(seconds("03/04/2020", DateOrder::day_first), 1585872000);
  EXPECT_EQ(seconds("03/04/2020", DateOrder::month_first), 1583280000);
}

TEST(TimeStamp, TellsWhatADateProvesOfTheOrder) {
  EXPECT_TRUE(parse_time("03/04/2020", DateOrder::find_out)->swappable);
  EXPECT_EQ(parse_time("13/04/2020", DateOrder::find_out)->proves, DateOrder::day_first);
  EXPECT_EQ(parse_time("04/13/2020", DateOrder::find_out)->proves, DateOrder::month_first);
  EXPECT_FALSE(parse_time("04/13/2020", DateOrder::day_first));
  EXPECT_EQ(swap_day_and_month(seconds("2020-04-03 05:06:07")), seconds("2020-03-04 05:06:07"));
}

TEST(TimeStamp, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "2016",
                           "2016-13-01",
                           "2016-02-30",
                           "2015-02-29",
                           "2016-07-01x",
                           "2016-07-01 24:00",
                           "2016-07-01 1",
                           "2016-07-01 00:60",
                           "2016-07-01 00:00:60",
                           "2016-07-01T",
                           "2016-07-01 00:00+25:00",
                           "13/13/2016",
                           "0000-01-01",
                           "2016-07",
                           "2016-7-",
                           "-2016-07-01",
                           "1.2.16",
                           "20160701",
                           "2016-07/01",
                           "1.2/2016",
                           "2016/07"}) {
    const bool is_month = std::string(text) == "2016-07";
    EXPECT_EQ(parse_time(text, DateOrder::find_out).has_value(), is_month) << text;
  }
}

TEST(TimeStamp, FormatsWhatItReads) {
  for (const char* text :
       {"2016-07-01", "2016-07-01 23:59:59", "1749-01-31", "1969-12-31 12:00:00", "0001-01-01"}) {
    EXPECT_EQ(format_time(seconds(text)), text);
  }
}

TEST(Frequency, AdvancesByTheCalendar) {
  using Unit = Frequency::Unit;
  const Frequency month{Unit::months, 1}, month_end{Unit::months, 1, true}, quarter{Unit::months, 3},
      year{Unit::months, 12}, hour{Unit::seconds, 3600};
  EXPECT_EQ(format_time(month.advance(seconds("1960-12-01"), 1)), "1961-01-01");
  EXPECT_EQ(format_time(month.advance(seconds("1960-01-01"), -1)), "1959-12-01");
  EXPECT_EQ(format_time(month.advance(seconds("2020-01-31"), 1)), "2020-02-29");
  EXPECT_EQ(format_time(month_end.advance(seconds("2021-02-28"), 1)), "2021-03-31");
  EXPECT_EQ(format_time(quarter.advance(seconds("2021-10-01 06:00"), 2)), "2022-04-01 06:00:00");
  EXPECT_EQ(format_time(year.advance(seconds("2020-02-29"), 1)), "2021-02-28");
  EXPECT_EQ(format_time(hour.advance(seconds("2016-12-31 23:00"), 1)), "2017-01-01");
}

TEST(Frequency, NameAndParseAreInverse) {
  for (const char* name : {"none", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly",
                           "every 90 seconds", "every 15 minutes", "every 36 hours", "every 10 days",
                           "every minute", "every second", "every 5 months", "monthly at month end"}) {
    EXPECT_EQ(parse_frequency(name).name(), name);
  }
  EXPECT_EQ(parse_frequency("every 1800 seconds").name(), "every 30 minutes");
  EXPECT_EQ(parse_frequency("every 3600 seconds").name(), "hourly");
  for (const char* name : {"", "dayly", "every 0 seconds", "every -3 months", "every 3 weeks",
                           "hourly at month end", "none at month end", "every", "every 5seconds", "every 5 s",
                           "every 5 ", "every 99999999999999999999 seconds", "every 200000000000000 days"}) {
    EXPECT_THROW(parse_frequency(name), SettingError) << name;
  }
}

std::string frequency_of(const std::vector<std::string>& texts) {
  Column<std::int64_t> axis;
  for (const std::string& text : texts) axis.push_back(seconds(text));
  const Column<std::int64_t>* const pointer = &axis;
  return find_frequency({&pointer, 1}).name();
}

TEST(Frequency, IsFoundOut) {
  EXPECT_EQ(frequency_of({"2020-01-01 00:00", "2020-01-01 01:00", "2020-01-01 02:00"}), "hourly");
  EXPECT_EQ(frequency_of({"2020-01-01", "2020-01-02", "2020-01-03"}), "daily");
  EXPECT_EQ(frequency_of({"2020-01-01", "2020-01-08", "2020-01-15"}), "weekly");
  EXPECT_EQ(frequency_of({"2020-01-01", "2020-02-01", "2020-03-01"}), "monthly");
  EXPECT_EQ(frequency_of({"2020-01-31", "2020-02-29", "2020-03-31"}), "monthly at month end");
  EXPECT_EQ(frequency_of({"2020-03-31", "2020-06-30", "2020-09-30"}), "quarterly at month end");
  EXPECT_EQ(frequency_of({"2020-01-15", "2020-04-15", "2020-07-15"}), "quarterly");
  EXPECT_EQ(frequency_of({"2018-01-01", "2019-01-01", "2020-01-01"}), "yearly");
  EXPECT_EQ(frequency_of({"2020-01-01 00:00", "2020-01-01 00:10", "2020-01-01 00:20"}), "every 10 minutes");
  // Gaps do not hide the step.
  EXPECT_EQ(frequency_of({"2020-01-01", "2020-01-02", "2020-01-04", "2020-01-08"}), "daily");
  EXPECT_EQ(frequency_of({"2020-01-01", "2020-03-01", "2020-06-01"}), "monthly");
  EXPECT_EQ(frequency_of({"2020-01-01"}), "none");
}

}  // namespace
}  // namespace carousel
