// Dates and times of day, in seconds since 1970-01-01 00:00:00, and steps between them. The proleptic
// Gregorian calendar; time stamps without a zone are taken as they stand, those with one are turned into UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carousel {

/// A date of the civil calendar: month 1-12, day 1-31.
struct CivilDate {
  std::int64_t year;
  int month;
  int day;
  bool operator==(const CivilDate&) const = default;
};

/// Days since 1970-01-01 and back. The algorithm counts in eras of 400 years = 146,097 days that begin
/// on 1 March, so that the leap day is the last of a year.
std::int64_t days_from_civil(const CivilDate& date) noexcept;
CivilDate civil_from_days(std::int64_t days) noexcept;
int days_in_month(std::int64_t year, int month) noexcept;

/// How 03/04/2020 is to be read. `find_out` takes the order that a day above 12 in the column proves.
enum class DateOrder { find_out, day_first, month_first };

/// A time stamp as read. `swappable`: written nn/nn/yyyy with both numbers at most 12, read day first unless
/// told otherwise; `proves`: the order a slash date with a number above 12 gives away (else find_out).
struct ParsedTime {
  std::int64_t seconds;
  bool swappable = false;
  DateOrder proves = DateOrder::find_out;
};

/// 1749-01, 1981-01-01, 2016/07/01, 01.07.2016, 31/12/2016, 12/31/2016, each but the first also with a time:
/// " 00:00", "T00:00:00", fractions of a second (cut off), zone Z, +02:00, +0200. Years 1-9999. Nothing when
/// the text is not a valid time stamp.
std::optional<ParsedTime> parse_time(std::string_view text, DateOrder order) noexcept;

/// The same time stamp with day and month exchanged (both at most 12).
std::int64_t swap_day_and_month(std::int64_t seconds) noexcept;

/// "2016-07-01 00:00:00"; "2016-07-01" at midnight.
std::string format_time(std::int64_t seconds);

/// The distance of neighbouring steps: so many seconds, or so many calendar months.
struct Frequency {
  enum class Unit { none, seconds, months };
  Unit unit = Unit::none;
  std::int64_t count = 0;
  /// Months only: the steps lie on the last day of their month.
  bool month_end = false;

  bool operator==(const Frequency&) const = default;
  explicit operator bool() const noexcept { return unit != Unit::none; }
  /// "hourly", "daily", "weekly", "monthly", "quarterly", "yearly", "every 15 minutes", "every minute",
  /// "none".
  std::string name() const;
  /// The time stamp `steps` (also negative) after a start. Months keep the start's day, or the month's last.
  std::int64_t advance(std::int64_t start, std::int64_t steps) const noexcept;
};

/// The inverse of name(), for files that keep it ("monthly" with month ends: "monthly at month end"). The
/// number may be of any unit: "every 900 seconds" is "every 15 minutes". Throws SettingError for other texts.
Frequency parse_frequency(std::string_view name);

}  // namespace carousel
