#include "tasks/detect_prediction.h"

#include <utility>

#include "tasks/forecast_data.h"

namespace carousel {
namespace {

DetectedTable head_of(const ForecastCoding& coding) {
  return {
      static_cast<bool>(coding.frequency), coding.settings.time.value_or(""), coding.settings.targets, {}};
}

SeriesStream open(const ForecastCoding& coding, const std::string& path) {
  CsvOptions options;
  options.stream = true;
  options.date_order = coding.settings.date_order;
  return {CsvReader(path, options), coding.request(), coding.frequency};
}

}  // namespace

DetectedTable predict_detect(const std::string& run, const std::string& path, ThreadPool& pool,
                             std::optional<WeightFormat> weights) {
  const DetectModel model = load_detect_model(run, weights);
  const std::unique_ptr<ForecastData> data = read_known_data(model.series.coding, path);
  DetectedTable table = head_of(model.series.coding);
  if (!data->set.series.empty()) table.rows = detect_rows(model, *data->windows, pool);
  return table;
}

struct DetectStream::Body {
  DetectModel model;
  DetectedTable head;
  SeriesStream stream;
  Detector detector;
  std::size_t seen = 0;

  Body(DetectModel from, const std::string& path, ThreadPool& pool)
      : model(std::move(from)),
        head(head_of(model.series.coding)),
        stream(open(model.series.coding, path)),
        detector(model, pool) {}
};

DetectStream::DetectStream(const std::string& run, const std::string& data, ThreadPool& pool,
                           std::optional<WeightFormat> weights)
    : body_(std::make_unique<Body>(load_detect_model(run, weights), data, pool)) {}
DetectStream::~DetectStream() = default;
DetectStream::DetectStream(DetectStream&&) noexcept = default;

const DetectedTable& DetectStream::head() const noexcept { return body_->head; }

std::optional<std::vector<DetectedRow>> DetectStream::next() {
  if (!body_->stream.next()) return std::nullopt;
  const ForecastCoding& coding = body_->model.series.coding;
  const std::size_t length = body_->stream.set().series[0].length, fresh = length - body_->seen;
  // As many rows as the first of the new ones looks back on.
  SeriesSet last = last_rows(body_->stream.set(), 0, fresh + body_->model.context() + coding.reach());
  coding.take_logs(last);
  const std::size_t rows = last.series[0].length;
  const Windows windows(last, {coding.scalers_of(last.series[0], {0, rows})}, coding.window_settings());
  std::vector<DetectedRow> out;
  body_->detector.add(windows, {rows - fresh, rows}, body_->seen, out);
  body_->seen = length;
  return out;
}

}  // namespace carousel
