#include "lab/copy_date.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string>

#include "base/file.h"
#include "base/random.h"
#include "lab/task_run.h"
#include "tasks/translate.h"
#include "tasks/translate_evaluation.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kDates = 14'000;
constexpr const char* kSettings = R"toml(
[data]
split = "0.86,0.07,0.07"
[network]
encoder = "bidirectional(lstm 48)"
decoder = "lstm 96"
embedding = 32
[training]
epochs = 20
batch = 32
learning_rate = 0.004
)toml";
constexpr std::array kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kDays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/// A date and its way of writing: different ones are different lines.
std::string written(std::chrono::sys_days date, std::size_t way) {
  const std::chrono::year_month_day parts(date);
  const int year = static_cast<int>(parts.year());
  const unsigned month = static_cast<unsigned>(parts.month()), day = static_cast<unsigned>(parts.day());
  const std::string name = kMonths[month - 1], weekday = kDays[std::chrono::weekday(date).c_encoding()];
  switch (way) {
    case 0:
      return fmt::format("{} {} {}", day, name, year);
    case 1:
      return fmt::format("{}, {} {} {}", weekday, day, name, year);
    case 2:
      return fmt::format("{} {}, {}", name, day, year);
    case 3:
      return fmt::format("{} {} {}", day, name.substr(0, 3), year);
    case 4:
      return fmt::format("{}.{}.{}", day, month, year);
    default:
      return fmt::format("{:02}/{:02}/{}", month, day, year);
  }
}

std::string pairs(std::uint64_t seed) {
  using namespace std::chrono;
  const sys_days first = 1950y / January / 1, last = 2050y / January / 1;
  const auto days = static_cast<std::uint64_t>((last - first).count());
  const Random random(seed, 0xDA7E);
  std::string text;
  for (std::size_t i = 0; i < kDates; ++i) {
    const sys_days date = first + std::chrono::days(random.below(2 * i, days));
    const year_month_day parts(date);
    text += fmt::format("{}\t{}-{:02}-{:02}\n", written(date, random.below(2 * i + 1, 6)),
                        static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()),
                        static_cast<unsigned>(parts.day()));
  }
  return text;
}

Outcome run_copy_date(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  auto settings = lab_settings<TranslateSettings>(kSettings, seed);
  settings.data = place.path() + "/dates.tsv";
  write_file(settings.data, pairs(seed));
  ContextRunSink sink(context);
  const TrainingResult result = train_translate(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_translate(place.run().path, std::nullopt, *context.pool);
  return judged(result, 1 - score.model.line_error_rate, 0.995, false);
}

}  // namespace

const Experiment kCopyDate =
    of_a_task({.name = "copy_date",
               .what = "turns written dates into ISO dates: an encoder-decoder with additive attention, "
                       "12,000 dates to learn from",
               .source = "Bahdanau, Cho & Bengio, ICLR 2015",
               .figure = "share exact",
               .published = "no figure",
               .gate = "99.5 % of 1,000 other dates",
               .less_is_better = false,
               .run = run_copy_date});

}  // namespace carousel::lab
