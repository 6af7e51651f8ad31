#include "tasks/detect_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/compensated_sum.h"
#include "tasks/anomaly_labels.h"
#include "tasks/data_file.h"
#include "tasks/forecast_data.h"
#include "tasks/run_folder.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

/// A run.toml, where there is one, says where data and labels are now; the model only knows where they were.
void take_paths(const std::string& run, DetectModel& model) {
  const RunFolder folder{run};
  if (!folder.exists()) return;
  const auto settings = read_settings<DetectSettings>(folder.settings());
  model.series.coding.settings.data = settings.series.data;
  model.settings.labels = settings.labels;
}

void require_own_data(const std::string& data, const std::string& run) {
  const RunFolder folder{run};
  const std::string evaluate = "name a file to evaluate on";
  folder.exists() ? require_data(data, folder.settings(), RunFolder::kNewPath + (", or " + evaluate))
                  : require_data(data, run, evaluate);
}

/// Windows among the rows of a part, in numbers of its rows.
std::vector<AnomalyWindow> windows_in(std::span<const double> scores, const DetectSettings& settings,
                                      Range part) {
  return find_windows(scores.subspan(part.begin, part.size()), settings.threshold, settings.gap);
}

std::vector<double> baseline_scores(const DetectModel& model, const Windows& windows) {
  AnomalyLikelihood likelihood(model.settings.long_rows, model.settings.short_rows, model.baseline);
  std::vector<double> scores;
  for (const double error : naive_errors(model.series.coding, windows))
    scores.push_back(likelihood.add(error));
  return scores;
}

void find_all(const DetectModel& model, const ForecastData& data, Range part, ThreadPool& pool,
              DetectEvaluation& out) {
  std::vector<DetectedRow> rows = detect_rows(model, *data.windows, pool);
  std::vector<double> scores;
  for (const DetectedRow& row : rows) scores.push_back(row.score);
  out.windows = windows_in(scores, model.settings, part);
  const std::vector<double> baseline = baseline_scores(model, *data.windows);
  out.baseline_windows = windows_in(baseline, model.settings, part);
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(part.begin);
  out.rows.assign(first, first + static_cast<std::ptrdiff_t>(part.size()));

  CompensatedSum sum;
  double count = 0;
  for (const DetectedRow& row : out.rows)
    if (std::isfinite(row.error)) {
      sum.add(row.error);
      ++count;
    }
  out.mean_error = count > 0 ? sum.value() / count : ForecastMetrics::kUndefined;
  const bool comparable = std::ranges::any_of(baseline, [](double score) { return std::isfinite(score); });
  out.diverged = count == 0 && comparable && part.end > model.context() + 1;
}

std::vector<Range> ranges_of(const std::vector<AnomalyWindow>& windows) {
  std::vector<Range> ranges;
  for (const AnomalyWindow& window : windows) ranges.push_back(window.rows);
  return ranges;
}

void judge(const std::string& labels, const ForecastData& data, Range part, DetectEvaluation& out) {
  const std::vector<LabelSpan> spans = read_labels(labels, out.data, out.has_time);
  out.labels_path = labels;
  out.labels = label_rows(spans, data.set, part);
  for (Range& label : out.labels) label = {label.begin - part.begin, label.end - part.begin};
  out.model = score_anomalies(out.labels, ranges_of(out.windows));
  out.baseline = score_anomalies(out.labels, ranges_of(out.baseline_windows));
  out.beats_baseline = out.model.f1() > out.baseline.f1();
}

}  // namespace

DetectEvaluation evaluate_detect(const std::string& run, const std::optional<std::string>& data_path,
                                 const std::optional<std::string>& labels, ThreadPool& pool) {
  DetectModel model = load_detect_model(run);
  const ForecastCoding& coding = model.series.coding;
  take_paths(run, model);
  if (!data_path) require_own_data(coding.settings.data, run);
  const std::unique_ptr<ForecastData> data =
      data_path ? read_known_data(coding, *data_path) : read_own_data(coding);
  if (data->set.series.empty())
    throw DataError(fmt::format("{}: found no rows to judge on", data->set.source));
  const Range part = data_path ? Range{0, data->set.series[0].length} : data->splits[0].test;
  if (part.size() == 0)
    throw DataError(fmt::format("{}: found no test part (split {}), expected one, or another file",
                                data->set.source, to_string(*coding.settings.split)));

  DetectEvaluation out;
  out.data = data_path.value_or(coding.settings.data);
  out.test_part = !data_path;
  out.trained_on =
      data_path && *data_path != "-" && fingerprint(*data_path).checksum == coding.settings.checksum;
  out.method = model.settings.method;
  out.targets = coding.settings.targets;
  out.has_time = static_cast<bool>(data->set.frequency);
  out.threshold = model.settings.threshold;
  out.season = *coding.settings.season;
  find_all(model, *data, part, pool, out);
  const std::optional<std::string> by = labels || data_path ? labels : model.settings.labels;
  if (by) judge(*by, *data, part, out);
  if (model.settings.method != DetectMethod::residual) return out;
  if (data_path) make_test_part(coding, *data);
  out.forecast = evaluate_forecast(model.series, *data, data_path, pool);
  return out;
}

}  // namespace carousel
