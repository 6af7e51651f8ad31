#include "data/time_stamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "carousel/error.h"

namespace carousel {
namespace {

constexpr std::int64_t kDay = 86400;

/// What steps of a fixed length are counted in, the largest first.
struct StepUnit {
  std::string_view name;
  std::int64_t seconds;
};
constexpr StepUnit kStepUnits[] = {{"day", kDay}, {"hour", 3600}, {"minute", 60}, {"second", 1}};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

/// Reads a text from left to right; once something is wrong, everything after is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : text_(text) {}

  bool ok() const noexcept { return ok_; }
  bool done() const noexcept { return text_.empty(); }
  char peek() const noexcept { return text_.empty() ? '\0' : text_.front(); }
  void fail() noexcept { ok_ = false; }
  bool accept(char c) noexcept {
    if (peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) noexcept { ok_ = accept(c) && ok_; }
  /// Between `least` and `most` digits.
  int digits(std::size_t least, std::size_t most) noexcept {
    int value = 0;
    std::size_t count = 0;
    for (; count < most && peek() >= '0' && peek() <= '9'; ++count) {
      value = 10 * value + (peek() - '0');
      text_.remove_prefix(1);
    }
    if (count < least) ok_ = false;
    return value;
  }
  std::size_t leading_digits() const noexcept {
    const std::size_t end = text_.find_first_not_of("0123456789");
    return end == std::string_view::npos ? text_.size() : end;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

/// "15 minutes", "5 months", "minute"; unit none for other texts.
Frequency parse_every(std::string_view text) noexcept {
  constexpr std::int64_t kLongest = 4000000000;  // over a hundred years of seconds
  std::int64_t count = 1;
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, count);
  std::string_view unit(read.ptr, end);
  if (read.ec == std::errc()) {
    if (!unit.starts_with(' ') || !unit.ends_with('s')) return {};
    unit = unit.substr(1, unit.size() - 2);
  }
  if (count >= 1 && count <= 12 * 9999 && unit == "month") return {Frequency::Unit::months, count};
  for (const StepUnit& known : kStepUnits)
    if (unit == known.name && count >= 1 && count <= kLongest / known.seconds)
      return {Frequency::Unit::seconds, count * known.seconds};
  return {};
}

bool valid(const CivilDate& date) noexcept {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

/// +02:00, -0530, +02 or Z as seconds; 0 for nothing.
std::int64_t scan_zone(Scanner& in) noexcept {
  if (in.accept('Z') || in.accept('z') || in.done()) return 0;
  const bool west = in.accept('-');
  if (!west) in.expect('+');
  const int hours = in.digits(2, 2);
  int minutes = 0;
  if (!in.done()) {
    in.accept(':');
    minutes = in.digits(2, 2);
  }
  if (hours > 23 || minutes > 59) in.fail();
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

/// What follows the date, as seconds to add to its midnight.
std::int64_t scan_time_of_day(Scanner& in) noexcept {
  if (in.done()) return 0;
  if (!in.accept('T') && !in.accept('t')) in.expect(' ');
  const int hour = in.digits(1, 2);
  in.expect(':');
  const int minute = in.digits(2, 2);
  int second = 0;
  if (in.accept(':')) {
    second = in.digits(2, 2);
    if (in.accept('.') || in.accept(',')) in.digits(1, 9);
  }
  in.accept(' ');
  const std::int64_t zone = scan_zone(in);
  if (hour > 23 || minute > 59 || second > 59) in.fail();
  return hour * 3600 + minute * 60 + second - zone;
}

/// A date with the year last: dd.mm.yyyy, or nn/nn/yyyy in the order asked for.
CivilDate scan_year_last(Scanner& in, DateOrder order, ParsedTime& result) noexcept {
  int day = in.digits(1, 2);
  const char separator = in.peek();
  if (separator != '.' && separator != '/') in.fail();
  in.accept(separator);
  int month = in.digits(1, 2);
  in.expect(separator);
  const int year = in.digits(4, 4);
  if (separator == '/') {
    if (day > 12) result.proves = DateOrder::day_first;
    if (month > 12) result.proves = DateOrder::month_first;
    result.swappable = day <= 12 && month <= 12;
    const bool month_first = order == DateOrder::find_out ? month > 12 : order == DateOrder::month_first;
    if (month_first) std::swap(day, month);
  }
  return {year, month, day};
}

/// yyyy-mm, yyyy-mm-dd, yyyy/mm/dd.
CivilDate scan_year_first(Scanner& in) noexcept {
  const int year = in.digits(4, 4);
  const char separator = in.peek();
  if (separator != '-' && separator != '/') in.fail();
  in.accept(separator);
  const int month = in.digits(1, 2);
  int day = 1;
  if (separator == '/' || !in.done()) {
    in.expect(separator);
    day = in.digits(1, 2);
  }
  return {year, month, day};
}

}  // namespace

std::int64_t days_from_civil(const CivilDate& date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, 400), year_of_era = year - era * 400;
  // Months from March on: 153 days every five months.
  const std::int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  // 719,468 days lie between 0000-03-01 and 1970-01-01.
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) noexcept {
  const std::int64_t shifted = days + 719468, era = floor_divide(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

int days_in_month(std::int64_t year, int month) noexcept {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::optional<ParsedTime> parse_time(std::string_view text, DateOrder order) noexcept {
  Scanner in(text);
  ParsedTime result{0};
  const std::size_t leading = in.leading_digits();
  if (leading != 1 && leading != 2 && leading != 4) return std::nullopt;
  const CivilDate date = leading == 4 ? scan_year_first(in) : scan_year_last(in, order, result);
  if (!in.ok() || !valid(date)) return std::nullopt;
  result.seconds = days_from_civil(date) * kDay + scan_time_of_day(in);
  if (!in.ok() || !in.done()) return std::nullopt;
  return result;
}

std::int64_t swap_day_and_month(std::int64_t seconds) noexcept {
  const std::int64_t days = floor_divide(seconds, kDay);
  CivilDate date = civil_from_days(days);
  std::swap(date.day, date.month);
  return days_from_civil(date) * kDay + (seconds - days * kDay);
}

std::string format_time(std::int64_t seconds) {
  const std::int64_t days = floor_divide(seconds, kDay), rest = seconds - days * kDay;
  const CivilDate date = civil_from_days(days);
  std::string text = fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
  if (rest != 0) text += fmt::format(" {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  return text;
}

std::string Frequency::name() const {
  if (unit == Unit::none) return "none";
  if (unit == Unit::months) {
    const std::string name = count == 1    ? "monthly"
                             : count == 3  ? "quarterly"
                             : count == 12 ? "yearly"
                                           : fmt::format("every {} months", count);
    return month_end ? name + " at month end" : name;
  }
  if (count == 3600) return "hourly";
  if (count == kDay) return "daily";
  if (count == 7 * kDay) return "weekly";
  const auto unit_of_step =
      std::ranges::find_if(kStepUnits, [&](const StepUnit& u) { return count % u.seconds == 0; });
  const std::int64_t number = count / unit_of_step->seconds;
  return number == 1 ? fmt::format("every {}", unit_of_step->name)
                     : fmt::format("every {} {}s", number, unit_of_step->name);
}

std::int64_t Frequency::advance(std::int64_t start, std::int64_t steps) const noexcept {
  if (unit != Unit::months) return start + steps * count;
  const std::int64_t days = floor_divide(start, kDay);
  const CivilDate date = civil_from_days(days);
  const std::int64_t months = date.year * 12 + date.month - 1 + steps * count;
  const std::int64_t year = floor_divide(months, 12);
  const int month = static_cast<int>(months - year * 12) + 1, last = days_in_month(year, month);
  const int day = month_end ? last : std::min(date.day, last);
  return days_from_civil({year, month, day}) * kDay + (start - days * kDay);
}

Frequency parse_frequency(std::string_view name) {
  using Unit = Frequency::Unit;
  constexpr std::string_view kEvery = "every ";
  constexpr std::string_view kMonthEnd = " at month end";
  std::string_view base = name;
  const bool month_end = base.ends_with(kMonthEnd);
  if (month_end) base.remove_suffix(kMonthEnd.size());
  Frequency frequency;
  if (base == "hourly") frequency = {Unit::seconds, 3600};
  if (base == "daily") frequency = {Unit::seconds, kDay};
  if (base == "weekly") frequency = {Unit::seconds, 7 * kDay};
  if (base == "monthly") frequency = {Unit::months, 1};
  if (base == "quarterly") frequency = {Unit::months, 3};
  if (base == "yearly") frequency = {Unit::months, 12};
  if (base.starts_with(kEvery)) frequency = parse_every(base.substr(kEvery.size()));
  frequency.month_end = month_end;
  const bool no_frequency = !frequency && name != "none";
  if (no_frequency || (month_end && frequency.unit != Unit::months)) {
    throw SettingError(fmt::format(
        "frequency: found '{}', expected none, hourly, daily, weekly, monthly, quarterly, yearly, "
        "'every N seconds' (or minutes, hours, days, months)",
        name));
  }
  return frequency;
}

}  // namespace carousel
