#include "lab/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/counted.h"

namespace carousel::lab {

namespace {

/// Four significant digits, whole numbers with separators.
std::string number_text(double value) {
  if (std::isnan(value)) return "–";
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return value < 0 ? "-" + grouped(static_cast<std::size_t>(-value))
                     : grouped(static_cast<std::size_t>(value));
  return fmt::format("{:.4g}", value);
}

std::string_view unit_of(const Experiment& experiment) {
  return experiment.by_sequences ? "sequences" : experiment.figure;
}

std::string verdict(const Experiment& experiment, const Result& result) {
  return fmt::format("{}, {} of {}", gate_held(experiment, result) ? "yes" : "**no**", result.met(),
                     result.seeds.size());
}

std::string time_text(double seconds) {
  return seconds < 100 ? fmt::format("{:.3g} s", seconds) : fmt::format("{:.3g} min", seconds / 60);
}

double total_seconds(const Result& result) {
  double sum = 0;
  for (const SeedResult& seed : result.seeds) sum += seed.seconds;
  return sum;
}

const Result* result_of(const std::vector<Result>& results, std::string_view name) {
  const auto found = std::ranges::find(results, name, &Result::experiment);
  return found == results.end() || found->seeds.empty() ? nullptr : &*found;
}

std::string row(const Experiment& experiment, const Result* result) {
  if (result == nullptr)
    return fmt::format("| `{}` | {} | {} | not run | | |\n", experiment.name, experiment.published,
                       experiment.gate);
  const Summary summary = summary_of(experiment, *result);
  return fmt::format("| [`{}`](#{}) | {} | {} | {} {}, best {} | {} | {} |\n", experiment.name,
                     experiment.name, experiment.published, experiment.gate, number_text(summary.median),
                     unit_of(experiment), number_text(summary.best), verdict(experiment, *result),
                     time_text(total_seconds(*result)));
}

std::string section(const Experiment& experiment, const Result& result, const std::string& pictures) {
  std::string text = fmt::format(
      "\n## {}\n\n{}\n\nSource: {}. Gate: {}.\n\n![{}: one dot a seed]({}{}.svg)\n\n", experiment.name,
      experiment.what, experiment.source, experiment.gate, experiment.name, pictures, experiment.name);
  text += fmt::format("| seed | met | sequences | {} | time |\n|---|---|---|---|---|\n", experiment.figure);
  for (const SeedResult& seed : result.seeds)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", seed.seed,
                        seed.outcome.met ? "yes"
                        : seed.complete  ? "no"
                                         : "no: out of time",
                        grouped(seed.outcome.sequences), number_text(seed.outcome.figure),
                        time_text(seed.seconds));
  return text + fmt::format("\n{}, carousel {}, {}: `carousel lab run {}{} --seeds {}`\n", result.machine,
                            result.version, result.date, experiment.name,
                            experiment.data.empty() ? "" : " --data DIR", result.seeds.size());
}

// ---- the picture ----

constexpr double kWidth = 640, kHeight = 96, kLeft = 20, kRight = 620, kMiddle = 40;

/// Where a value stands: logarithmic where all are above 0 and far apart.
class Place {
 public:
  explicit Place(const std::vector<double>& values) {
    const auto [low, high] = std::ranges::minmax(values);
    logarithmic_ = low > 0 && high > 4 * low;
    low_ = on_scale(low), high_ = on_scale(high);
    const double margin = high_ > low_ ? 0.08 * (high_ - low_) : std::max(std::abs(low_), 1.0) * 0.1;
    low_ -= margin, high_ += margin;
  }
  double operator()(double value) const {
    return kLeft + (kRight - kLeft) * (on_scale(value) - low_) / (high_ - low_);
  }
  double value_at(double share) const {
    const double place = low_ + share * (high_ - low_);
    return logarithmic_ ? std::exp(place) : place;
  }

 private:
  double on_scale(double value) const { return logarithmic_ ? std::log(value) : value; }
  bool logarithmic_ = false;
  double low_ = 0, high_ = 1;
};

}  // namespace

std::string lab_page(const std::vector<Result>& results, const std::string& pictures) {
  std::string text =
      "# The lab: what the literature claims, run again\n\n"
      "`carousel lab list` tells what there is, `carousel lab run NAME` runs one and writes it into this "
      "page. The criterion of each is that of its\npaper. \"Ours\" is the median, and the best, of the seeds "
      "that ran to their end; where sequences are counted, of those that met the criterion\n(of all, where "
      "there is none). The time is that of all seeds together.\n\n"
      "| experiment | published | gate | ours | gate held, seeds that met it | time "
      "|\n|---|---|---|---|---|---|\n";
  for (const Experiment* experiment : experiments())
    text += row(*experiment, result_of(results, experiment->name));
  for (const Experiment* experiment : experiments())
    if (const Result* result = result_of(results, experiment->name); result != nullptr)
      text += section(*experiment, *result, pictures);
  return text;
}

std::string lab_picture(const Experiment& experiment, const Result& result) {
  std::vector<double> values;
  for (const SeedResult& seed : result.seeds)
    if (const double value = measure_of(experiment, seed); std::isfinite(value)) values.push_back(value);
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{}\" height=\"{}\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight, kWidth, kHeight);
  if (!values.empty()) {
    const Place place(values);
    text += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#7b8794\"/>\n", kLeft,
                        kMiddle + 20, kRight, kMiddle + 20);
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0})
      text += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\" fill=\"#5a6370\">{:.3g}</text>\n",
                          kLeft + share * (kRight - kLeft), kMiddle + 36,
                          share == 0   ? "start"
                          : share == 1 ? "end"
                                       : "middle",
                          place.value_at(share));
    const double median = summary_of(experiment, result).median;
    if (std::isfinite(median))  // not where the seed in the middle failed
      text += fmt::format("<line x1=\"{0:.1f}\" y1=\"16\" x2=\"{0:.1f}\" y2=\"{1}\" stroke=\"#c94f00\"/>\n",
                          place(median), kMiddle + 20);
    for (const SeedResult& seed : result.seeds)
      if (const double value = measure_of(experiment, seed); std::isfinite(value))
        text += fmt::format(
            "<circle cx=\"{:.1f}\" cy=\"{}\" r=\"6\" fill=\"{}\" stroke=\"#0067a8\" "
            "fill-opacity=\"0.7\"/>\n",
            place(value), kMiddle, seed.outcome.met ? "#0067a8" : "none");
  }
  return text + fmt::format("<text x=\"{}\" y=\"{}\" fill=\"#1b1f24\">{}</text>\n</svg>\n", kLeft,
                            kHeight - 4, unit_of(experiment));
}

}  // namespace carousel::lab
