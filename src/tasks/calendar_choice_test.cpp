#include "tasks/calendar_choice.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <vector>

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kTurn = 6.283185307179586;

std::vector<CalendarFeature> choose(const Frequency& frequency, std::size_t rows,
                                    const std::function<double(std::size_t)>& value) {
  SeriesSet set;
  set.names = {"y"};
  set.targets = 1;
  set.frequency = frequency;
  Series series;
  series.columns.resize(1);
  for (std::size_t row = 0; row < rows; ++row) series.columns[0].push_back(value(row));
  series.length = rows;
  set.series.push_back(std::move(series));
  const std::vector<Split> splits = {{{0, rows}, {rows, rows}, {rows, rows}}};
  return choose_calendar(set, splits);
}

double wave(std::size_t row, double period) { return std::sin(kTurn * static_cast<double>(row) / period); }

const Frequency kHourly{Frequency::Unit::seconds, 3600, false};
const Frequency kDaily{Frequency::Unit::seconds, 86400, false};
const Frequency kMonthly{Frequency::Unit::months, 1, false};

TEST(CalendarChoice, takes_the_cycles_that_show) {
  EXPECT_THAT(
      choose(kHourly, 2000, [](std::size_t r) { return wave(r, 24) + 1e-3 * static_cast<double>(r); }),
      ElementsAre(CalendarFeature::hour_of_day));
  EXPECT_THAT(choose(kHourly, 2000, [](std::size_t r) { return wave(r, 24) + wave(r, 168); }),
              ElementsAre(CalendarFeature::hour_of_day, CalendarFeature::day_of_week));
  EXPECT_THAT(
      choose(kDaily, 2000, [](std::size_t r) { return wave(r, 365.25) + 1e-6 * static_cast<double>(r); }),
      ElementsAre(CalendarFeature::day_of_year));
  EXPECT_THAT(choose(kMonthly, 60, [](std::size_t r) { return wave(r, 12); }),
              ElementsAre(CalendarFeature::month_of_year));
}

TEST(CalendarChoice, leaves_out_a_cycle_seen_less_than_three_times) {
  EXPECT_THAT(choose(kDaily, 700, [](std::size_t r) { return wave(r, 365.25); }), IsEmpty());
  EXPECT_THAT(choose(kMonthly, 35, [](std::size_t r) { return wave(r, 12); }), IsEmpty());
}

TEST(CalendarChoice, a_trend_is_no_cycle) {
  EXPECT_THAT(choose(kHourly, 2000, [](std::size_t r) { return static_cast<double>(r); }), IsEmpty());
  EXPECT_THAT(choose({}, 2000, [](std::size_t r) { return wave(r, 24); }), IsEmpty());
}

}  // namespace
}  // namespace carousel
