#include "app/report/detect_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "app/report/number_text.h"
#include "data/time_stamp.h"

namespace carousel::report {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kNear = 6;      // windows that are shown from near
constexpr double kHighestShown = 10;  // of the score, in thresholds: more would flatten all else

Axis time_axis(const DetectEvaluation& evaluation) {
  return evaluation.has_time ? Axis{"time", Scale::time} : Axis{"row", Scale::whole};
}

double time_of(const DetectEvaluation& evaluation, std::size_t row) {
  return static_cast<double>(evaluation.rows[row].time);
}

template <class Value>
Line line_of(const DetectEvaluation& evaluation, Range rows, std::string name, Colour colour, Value value) {
  Line line{std::move(name), {}, {}, colour, Stroke::solid};
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    line.x.push_back(time_of(evaluation, row));
    line.y.push_back(value(evaluation.rows[row]));
  }
  return line;
}

double value_of(const DetectedRow& row) { return row.values[0]; }

/// Lowest and highest finite value that a line shows.
std::pair<double, double> extent(const std::vector<Line>& lines) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Line& line : lines)
    for (const double y : line.y) {
      if (!std::isfinite(y)) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  return low > high ? std::pair(0.0, 1.0) : std::pair(low, high);
}

/// Windows as areas over the whole height, half a row wider to both sides.
Band marks(const DetectEvaluation& evaluation, std::vector<Range> windows, Range shown, std::string name,
           Colour colour, std::pair<double, double> height) {
  Band band{std::move(name), {}, {}, {}, colour};
  const double half =
      evaluation.rows.size() < 2 ? 0.5 : 0.5 * (time_of(evaluation, 1) - time_of(evaluation, 0));
  std::ranges::sort(windows, {}, &Range::begin);
  double last = -std::numeric_limits<double>::infinity();
  const auto add = [&](double x, bool inside) {
    x = std::max(x, last);
    last = x;
    band.x.push_back(x);
    band.low.push_back(inside ? height.first : kNone);
    band.high.push_back(inside ? height.second : kNone);
  };
  for (const Range& window : windows) {
    const std::size_t begin = std::max(window.begin, shown.begin), end = std::min(window.end, shown.end);
    if (begin >= end) continue;
    add(time_of(evaluation, begin) - half, true);
    add(time_of(evaluation, end - 1) + half, true);
    add(time_of(evaluation, end - 1) + half, false);
  }
  return band;
}

std::vector<Range> found(const DetectEvaluation& evaluation) {
  std::vector<Range> ranges;
  for (const AnomalyWindow& window : evaluation.windows) ranges.push_back(window.rows);
  return ranges;
}

/// Areas for what is labelled and what was found, behind the lines of a chart.
void add_marks(const DetectEvaluation& evaluation, Range shown, LineChart& plot) {
  const auto height = extent(plot.lines);
  const auto add = [&](const std::vector<Range>& windows, const char* name, Colour colour) {
    Band band = marks(evaluation, windows, shown, name, colour, height);
    if (!band.x.empty()) plot.bands.push_back(std::move(band));
  };
  add(evaluation.labels, "labelled", Colour::third);
  add(found(evaluation), "found", Colour::second);
}

Chart series_chart(const DetectEvaluation& evaluation) {
  const Range all{0, evaluation.rows.size()};
  LineChart plot;
  plot.x = time_axis(evaluation);
  plot.y = {evaluation.targets[0]};
  plot.lines.push_back(line_of(evaluation, all, evaluation.targets[0], Colour::truth, value_of));
  add_marks(evaluation, all, plot);
  return {"The series", "Areas are windows: where the two kinds lie on each other, a labelled one was found.",
          true, std::move(plot)};
}

Chart score_chart(const DetectEvaluation& evaluation) {
  const Range all{0, evaluation.rows.size()};
  const double highest = kHighestShown * evaluation.threshold;
  LineChart plot;
  plot.x = time_axis(evaluation);
  plot.y = {"score"};
  plot.lines.push_back(line_of(evaluation, all, "score", Colour::model, [&](const DetectedRow& row) {
    return std::isnan(row.score) ? row.score : std::min(row.score, highest);
  }));
  plot.lines.push_back({"threshold",
                        {time_of(evaluation, 0), time_of(evaluation, evaluation.rows.size() - 1)},
                        {evaluation.threshold, evaluation.threshold},
                        Colour::quiet,
                        Stroke::dashed});
  add_marks(evaluation, all, plot);
  return {
      "The score",
      fmt::format("A score of n says: errors as large as these, one time in 10 to the n. Higher ones than {} "
                  "are drawn there.",
                  number_text(highest)),
      true, std::move(plot)};
}

std::string title_of(const DetectEvaluation& evaluation, std::size_t row) {
  const std::int64_t time = evaluation.rows[row].time;
  return evaluation.has_time ? format_time(time) : fmt::format("row {}", time);
}

Chart near_chart(const DetectEvaluation& evaluation, Range window, bool missed) {
  const std::size_t around = std::max<std::size_t>(24, window.size());
  const Range shown{window.begin - std::min(window.begin, around),
                    std::min(evaluation.rows.size(), window.end + around)};
  LineChart plot;
  plot.x = time_axis(evaluation);
  plot.y = {evaluation.targets[0]};
  plot.lines.push_back(line_of(evaluation, shown, "what happened", Colour::truth, value_of));
  plot.lines.push_back(line_of(evaluation, shown, "what was expected", Colour::model,
                               [](const DetectedRow& row) { return row.expected[0]; }));
  plot.lines.back().stroke = Stroke::dashed;
  add_marks(evaluation, shown, plot);
  return {title_of(evaluation, window.begin), missed ? "Labelled, and not found." : "", false,
          std::move(plot)};
}

/// Up to the 99.5th percentile, so that a few errors do not flatten the rest; those above are in the last
/// bar.
Chart histogram(const std::vector<double>& sorted) {
  constexpr std::size_t kBars = 40;
  const double low = sorted.front(),
               high = sorted[static_cast<std::size_t>(0.995 * static_cast<double>(sorted.size() - 1))];
  const double step = high > low ? (high - low) / static_cast<double>(kBars) : 1;
  BarChart plot{{"error, in deviations of the training part"},
                {"number of rows", Scale::whole},
                {},
                std::vector<double>(kBars),
                Colour::model};
  for (std::size_t k = 0; k <= kBars; ++k) plot.edges.push_back(low + step * static_cast<double>(k));
  for (const double error : sorted) {
    const double bar = std::clamp((error - low) / step, 0.0, static_cast<double>(kBars - 1));
    plot.heights[static_cast<std::size_t>(bar)] += 1;
  }
  return {"How large they are", "The last bar holds all that are larger as well.", false, std::move(plot)};
}

}  // namespace

std::vector<Chart> time_charts(const DetectEvaluation& evaluation) {
  if (evaluation.rows.empty()) return {};
  return {series_chart(evaluation), score_chart(evaluation)};
}

std::vector<Chart> window_charts(const DetectEvaluation& evaluation) {
  std::vector<AnomalyWindow> windows = evaluation.windows;
  std::ranges::stable_sort(windows, std::greater<>(), &AnomalyWindow::score);
  if (windows.size() > kNear) windows.resize(kNear);
  std::vector<std::pair<Range, bool>> shown;
  for (const AnomalyWindow& window : windows) shown.emplace_back(window.rows, false);
  std::size_t missed = 0;
  for (const Range& label : evaluation.labels) {
    const bool hit = std::ranges::any_of(evaluation.windows, [&](const AnomalyWindow& window) {
      return window.rows.begin < label.end && label.begin < window.rows.end;
    });
    if (!hit && missed++ < kNear) shown.emplace_back(label, true);
  }
  std::ranges::sort(shown, {}, [](const auto& window) { return window.first.begin; });
  std::vector<Chart> charts;
  for (const auto& [window, not_found] : shown) charts.push_back(near_chart(evaluation, window, not_found));
  return charts;
}

std::vector<Chart> error_charts(const DetectEvaluation& evaluation) {
  std::vector<double> errors;
  for (const DetectedRow& row : evaluation.rows)
    if (std::isfinite(row.error)) errors.push_back(row.error);
  if (errors.empty()) return {};
  std::ranges::sort(errors);
  LineChart plot;
  plot.x = time_axis(evaluation);
  plot.y = {"error, in deviations of the training part"};
  plot.lines.push_back(line_of(evaluation, {0, evaluation.rows.size()}, "error", Colour::model,
                               [](const DetectedRow& row) { return row.error; }));
  return {histogram(errors), {"Over time", "", false, std::move(plot)}};
}

}  // namespace carousel::report
