#include "tasks/detector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/compensated_sum.h"
#include "tasks/forecaster.h"
#include "tasks/window_memory.h"

namespace carousel {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A target in the units of the data.
double value_at(const ForecastCoding& coding, const Windows& windows, std::size_t k, std::size_t row) {
  return coding.original(windows.set().series[0].columns[k][row], Scaler{}, k);
}

std::vector<double> deviations_of(const ForecastCoding& coding) {
  std::vector<double> deviations;
  for (const MetricSums::Scale& scale : coding.series.begin()->second.metrics)
    deviations.push_back(scale.deviation);
  return deviations;
}

/// Mean of what there is.
class MeanDistance {
 public:
  void add(double distance) noexcept {
    if (std::isnan(distance)) return;
    sum_.add(std::abs(distance));
    ++count_;
  }
  double value() const noexcept { return count_ == 0 ? kNone : sum_.value() / count_; }

 private:
  CompensatedSum sum_;
  double count_ = 0;
};

}  // namespace

RowErrors::RowErrors(const DetectModel& model, ThreadPool& pool)
    : model_(model), pool_(pool), deviations_(deviations_of(model.series.coding)) {}

void RowErrors::add(const Windows& windows, Range rows, std::size_t place, std::vector<DetectedRow>& out) {
  const ForecastCoding& coding = model_.series.coding;
  const std::size_t before = out.size();
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    DetectedRow& one = out.emplace_back();
    const auto number = static_cast<std::int64_t>(row);
    one.time = windows.set().frequency ? windows.set().time(0, number)
                                       : static_cast<std::int64_t>(place + (row - rows.begin));
    for (std::size_t k = 0; k < deviations_.size(); ++k)
      one.values.push_back(value_at(coding, windows, k, row));
    one.expected.assign(deviations_.size(), kNone);
    one.error = one.score = kNone;
  }
  // So many at once: bounds memory, does not change the numbers.
  for (std::size_t begin = rows.begin; begin < rows.end; begin += Forecaster::kChunk) {
    const Range chunk{begin, std::min(begin + Forecaster::kChunk, rows.end)};
    const std::size_t done = begin - rows.begin;
    const std::span<DetectedRow> here = std::span(out).subspan(before + done, chunk.size());
    model_.settings.method == DetectMethod::residual ? add_forecasts(windows, chunk, place + done, here)
                                                     : add_memories(windows, chunk, place + done, here);
  }
}

/// Forecasts of this row against what has come.
void RowErrors::compare(DetectedRow& row) const {
  const std::size_t targets = deviations_.size();
  MeanDistance mean;
  for (std::size_t j = 0; j < forecasts_.size(); ++j)
    for (std::size_t k = 0; k < targets; ++k)
      mean.add((row.values[k] - forecasts_[j][j * targets + k]) / deviations_[k]);
  row.error = mean.value();
  if (!forecasts_.empty()) std::copy_n(forecasts_[0].begin(), targets, row.expected.begin());
}

void RowErrors::add_forecasts(const Windows& windows, Range rows, std::size_t place,
                              std::span<DetectedRow> out) {
  const Forecaster forecaster(model_.series.coding, model_.series.network, windows, pool_);
  // Rows before have no whole context.
  const std::size_t skipped = std::min(rows.size(), model_.context() - std::min(model_.context(), place + 1));
  std::vector<Window> origins;
  for (std::size_t row = rows.begin + skipped; row < rows.end; ++row) origins.push_back({0, row, row + 1});
  if (origins.empty()) return;
  const Forecasts all = forecaster.run(origins);
  const std::size_t values = all.horizon * all.targets;
  for (std::size_t b = 0; b < origins.size(); ++b) {
    compare(out[skipped + b]);
    const auto first = all.point.begin() + static_cast<std::ptrdiff_t>(b * values);
    if (forecasts_.size() == all.horizon) forecasts_.pop_back();
    forecasts_.emplace(forecasts_.begin(), first, first + static_cast<std::ptrdiff_t>(values));
  }
}

void RowErrors::add_memories(const Windows& windows, Range rows, std::size_t place,
                             std::span<DetectedRow> out) {
  const ForecastCoding& coding = model_.series.coding;
  const Network<float>& network = model_.series.network;
  const std::size_t context = model_.context(), targets = deviations_.size();
  const std::size_t skipped = std::min(rows.size(), context - std::min(context, place + 1));
  std::vector<Window> chosen;
  for (std::size_t row = rows.begin + skipped; row < rows.end; ++row) chosen.push_back({0, row, row + 1});
  if (chosen.empty()) return;
  Sequences<float> x, none, y;
  gather_memory(windows, chosen, x, none);
  Tensor<float> state = network.start(chosen.size());
  const std::unique_ptr<Trace<float>> trace = network.make_trace();
  Pass pass;
  pass.pool = &pool_;
  network.forward(pass, x, state.matrix(), y, *trace);
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    MeanDistance mean;
    for (std::size_t t = 0; t < context; ++t)
      for (std::size_t k = 0; k < targets; ++k) {
        const Scaler& scaler = windows.scalers(0)[k];
        const double written =
            coding.original(static_cast<double>(std::as_const(y).at(b, context + t)[k]), scaler, k);
        mean.add((value_at(coding, windows, k, chosen[b].origin - t) - written) / deviations_[k]);
        if (t == 0) out[skipped + b].expected[k] = written;
      }
    out[skipped + b].error = mean.value();
  }
}

Detector::Detector(const DetectModel& model, ThreadPool& pool)
    : model_(model),
      errors_(model, pool),
      likelihood_(model.settings.long_rows, model.settings.short_rows, model.normal) {}

void Detector::add(const Windows& windows, Range rows, std::size_t place, std::vector<DetectedRow>& out) {
  const std::size_t before = out.size();
  errors_.add(windows, rows, place, out);
  for (DetectedRow& row : std::span(out).subspan(before)) {
    row.score = likelihood_.add(row.error);
    row.anomaly = row.score >= model_.settings.threshold;
  }
}

std::vector<DetectedRow> errors_of_rows(const DetectModel& model, const Windows& windows, ThreadPool& pool) {
  std::vector<DetectedRow> rows;
  RowErrors(model, pool).add(windows, {0, windows.set().series[0].length}, 0, rows);
  return rows;
}

std::vector<DetectedRow> detect_rows(const DetectModel& model, const Windows& windows, ThreadPool& pool) {
  std::vector<DetectedRow> rows;
  Detector(model, pool).add(windows, {0, windows.set().series[0].length}, 0, rows);
  return rows;
}

std::vector<double> naive_errors(const ForecastCoding& coding, const Windows& windows) {
  const std::vector<double> deviations = deviations_of(coding);
  const std::size_t back = std::max<std::size_t>(1, *coding.settings.season);
  std::vector<double> errors;
  for (std::size_t row = 0; row < windows.set().series[0].length; ++row) {
    MeanDistance mean;
    for (std::size_t k = 0; row >= back && k < deviations.size(); ++k)
      mean.add((value_at(coding, windows, k, row) - value_at(coding, windows, k, row - back)) /
               deviations[k]);
    errors.push_back(mean.value());
  }
  return errors;
}

}  // namespace carousel
