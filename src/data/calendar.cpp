#include "data/calendar.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/suggest.h"
#include "carousel/error.h"

namespace carousel {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::array<std::string_view, 4> kNames = {"hour_of_day", "day_of_week", "day_of_year",
                                                    "month_of_year"};

/// Taylor series on [0, pi / 4]: the first term left out is below 1e-18.
double sine_series(double x) noexcept {
  const double s = x * x;
  double sum = 1.0 / 355687428096000.0;  // 17!
  for (const double factorial : {1307674368000.0, 6227020800.0, 39916800.0, 362880.0, 5040.0, 120.0, 6.0}) {
    sum = 1.0 / factorial - s * sum;
  }
  return x - x * s * sum;
}

double cosine_series(double x) noexcept {
  const double s = x * x;
  double sum = 1.0 / 6402373705728000.0;  // 18!
  for (const double factorial :
       {20922789888000.0, 87178291200.0, 479001600.0, 3628800.0, 40320.0, 720.0, 24.0, 2.0}) {
    sum = 1.0 / factorial - s * sum;
  }
  return 1.0 - s * sum;
}

CirclePoint phase(std::int64_t days, std::int64_t second_of_day, CalendarFeature feature) noexcept {
  const auto point = [](std::int64_t n, std::int64_t d) {
    return circle_point(static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(d));
  };
  const CivilDate date = civil_from_days(days);
  switch (feature) {
    case CalendarFeature::hour_of_day:
      return point(second_of_day, kDay);
    case CalendarFeature::day_of_week:
      // 1970-01-01 was a Thursday; Monday is 0.
      return point(((days + 3) % 7 + 7) % 7, 7);
    case CalendarFeature::day_of_year: {
      const std::int64_t first = days_from_civil({date.year, 1, 1});
      return point(days - first, days_from_civil({date.year + 1, 1, 1}) - first);
    }
    case CalendarFeature::month_of_year:
      break;
  }
  return point(date.month - 1, 12);
}

}  // namespace

std::vector<CalendarFeature> calendar_features(const Frequency& frequency) {
  std::vector<CalendarFeature> features;
  if (frequency.unit == Frequency::Unit::seconds) {
    if (frequency.count < kDay) features.push_back(CalendarFeature::hour_of_day);
    if (frequency.count <= kDay) features.push_back(CalendarFeature::day_of_week);
    if (frequency.count < 28 * kDay) features.push_back(CalendarFeature::day_of_year);
  }
  if (frequency.unit == Frequency::Unit::months && frequency.count % 12 != 0) {
    features.push_back(CalendarFeature::month_of_year);
  }
  return features;
}

std::string_view name(CalendarFeature feature) noexcept { return kNames[static_cast<std::size_t>(feature)]; }

CalendarFeature parse_calendar_feature(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<CalendarFeature>(i);
  }
  const std::vector<std::string> names(kNames.begin(), kNames.end());
  throw SettingError(fmt::format("calendar: no feature '{}'; {}", name, suggestion(name, names)));
}

void calendar_values(std::int64_t seconds, std::span<const CalendarFeature> features,
                     std::span<float> out) noexcept {
  const std::int64_t second_of_day = (seconds % kDay + kDay) % kDay;
  const std::int64_t days = (seconds - second_of_day) / kDay;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const CirclePoint point = phase(days, second_of_day, features[i]);
    out[2 * i] = static_cast<float>(point.sine);
    out[2 * i + 1] = static_cast<float>(point.cosine);
  }
}

CirclePoint circle_point(std::uint64_t n, std::uint64_t d) noexcept {
  // Octant o and rest r: the angle is (o + r / d) pi / 4, 0 <= r < d, both exact.
  const std::uint64_t octant = 8 * n / d, rest = 8 * n % d;
  constexpr double kQuarterPi = 0.78539816339744830962;
  // In odd octants the angle is measured back from the octant's end.
  const bool odd = octant % 2 == 1;
  const double x = kQuarterPi * (static_cast<double>(odd ? d - rest : rest) / static_cast<double>(d));
  double sine = sine_series(x), cosine = cosine_series(x);
  // Octants 1, 2, 5 and 6 lie nearer to the other axis.
  if ((octant + 1) % 4 >= 2) std::swap(sine, cosine);
  if (octant >= 4) sine = -sine;
  if (octant >= 2 && octant < 6) cosine = -cosine;
  return {sine, cosine};
}

}  // namespace carousel
