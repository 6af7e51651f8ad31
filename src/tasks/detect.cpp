#include "tasks/detect.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/counted.h"
#include "model/spec.h"
#include "tasks/anomaly_labels.h"
#include "tasks/data_file.h"
#include "tasks/detector.h"
#include "tasks/settings_file.h"
#include "tasks/window_batches.h"
#include "tasks/window_memory.h"

namespace carousel {
namespace {

/// The data, and the settings with all decided.
struct DetectData {
  DetectSettings settings;
  std::unique_ptr<ForecastData> series;

  Range part(Part part) const {
    const Split& split = series->splits[0];
    return part == Part::train ? split.train : part == Part::validation ? split.validation : split.test;
  }
};

/// Time stamps that do not ascend are of several series, of which a detector takes one.
void refuse_several(const ForecastSettings& settings) {
  CsvOptions options;
  options.date_order = settings.date_order;
  CsvReader reader(settings.data, options);
  try {
    read_series(reader, {settings.targets, settings.past, {}, {}, settings.time, settings.missing});
  } catch (const TimeOrderError& error) {
    throw DataError(
        fmt::format("{}; if the file holds several series, give detect a file of each", error.what()));
  }
}

DetectData prepare(const DetectSettings& given) {
  check_settings(given);
  DetectData data{given, nullptr};
  try {
    data.series = prepare_training_data(series_settings(given));
  } catch (const DataError&) {
    refuse_several(given.series);
    throw;
  }
  data.settings.series = data.series->coding.settings;
  data.settings.loss = data.settings.series.loss;
  if (given.method == DetectMethod::residual) data.settings.horizon = data.settings.series.horizon;
  if (given.labels)
    read_labels(*given.labels, given.series.data, static_cast<bool>(data.series->set.frequency));
  return data;
}

Network<float> build_network(const DetectData& data) {
  return build_detect_network(data.settings, data.series->coding, data.series->windows->inputs());
}

Metadata provenance_of(const DetectData& data) {
  const ForecastSettings& settings = data.settings.series;
  std::error_code error;
  return {{"provenance.data", std::filesystem::path(settings.data).filename().string()},
          {"provenance.bytes", fmt::format("{}", std::filesystem::file_size(settings.data, error))},
          {"provenance.checksum", settings.checksum.value_or("")},
          {"provenance.rows", fmt::format("{}", data.series->set.series[0].length)},
          {"provenance.seed", fmt::format("{}", settings.training.seed)},
          {"provenance.version", kVersion}};
}

std::vector<std::string> plan_lines(const DetectData& data, const Network<float>& network,
                                    std::size_t training_windows, std::size_t validation_windows) {
  const DetectSettings& settings = data.settings;
  const SeriesSet& set = data.series->set;
  std::string read =
      fmt::format("data: {}, {}", settings.series.data, counted(set.series[0].length, "row", "rows"));
  if (const std::string frequency = set.frequency.name(); frequency != "none" && !frequency.empty())
    read += ", " + frequency;
  const std::string targets = fmt::format("{}", fmt::join(settings.series.targets, ", "));
  const std::string task =
      settings.method == DetectMethod::residual
          ? fmt::format("detect: {} by forecasts of {} from {}", targets,
                        counted(settings.series.horizon, "step", "steps"), seen_text(settings.series))
          : fmt::format("detect: {} by writing {} from memory", targets, seen_text(settings.series));
  return {read, task,
          fmt::format("network: {}; {}", to_text(network.spec()),
                      counted(network.weights().size(), "parameter", "parameters")),
          fmt::format("windows: {} to train on, {} to validate", grouped(training_windows),
                      grouped(validation_windows))};
}

/// Errors of the network on the part that is held to be normal.
NormalErrors measure_normal(const DetectModel& model, const DetectData& data, ThreadPool& pool) {
  const Range validation = data.part(Part::validation);
  const Range part = validation.size() > 0 ? validation : data.part(Part::train);
  const std::size_t before = std::min(part.begin, model.context() + model.series.coding.settings.horizon);
  std::vector<DetectedRow> rows;
  RowErrors(model, pool)
      .add(*data.series->windows, {part.begin - before, part.end}, part.begin - before, rows);
  std::vector<double> errors;
  for (std::size_t i = before; i < rows.size(); ++i) errors.push_back(rows[i].error);
  return normal_errors(errors);
}

NormalErrors measure_baseline(const DetectData& data) {
  const Range validation = data.part(Part::validation);
  const Range part = validation.size() > 0 ? validation : data.part(Part::train);
  const std::vector<double> errors = naive_errors(data.series->coding, *data.series->windows);
  return normal_errors(std::span(errors).subspan(part.begin, part.size()));
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const DetectData& data, Network<float> network, const RunFolder& folder,
                     ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  const ForecastSettings& settings = data.settings.series;
  const TrainingSettings& how = settings.training;
  const LossPointer<float> loss = make_loss<float>(*settings.loss, settings.loss_options);
  const Windows& windows = *data.series->windows;
  const Anchors anchors = data.series->coding.anchors();
  const RelativeInputs inputs = data.series->coding.inputs(windows);
  const WindowList training = data.series->list(Part::train),
                   validation = data.series->list(Part::validation);
  const std::vector<std::size_t> numbers = validation.spread(settings.validation_windows);
  std::unique_ptr<BatchSource<float>> batches, held_out;
  if (data.settings.method == DetectMethod::residual) {
    batches = std::make_unique<TrainingBatches>(windows, anchors, inputs, training, how.batch,
                                                how.updates_per_epoch, how.seed);
    held_out = std::make_unique<ValidationBatches>(windows, anchors, inputs, validation, numbers, how.batch);
  } else {
    batches = std::make_unique<MemoryBatches>(windows, training, how.batch, how.updates_per_epoch, how.seed);
    held_out = std::make_unique<MemoryBatches>(windows, validation, numbers, how.batch);
  }
  if (sink != nullptr) sink->on_plan(plan_lines(data, network, training.size(), numbers.size()));
  const Metadata provenance = provenance_of(data);
  const NormalErrors baseline = measure_baseline(data);
  const auto save = [&](std::span<const float> weights) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    DetectModel model{
        data.settings,
        {data.series->coding,
         Network<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill), provenance},
        {},
        baseline};
    model.normal = measure_normal(model, data, pool);
    save_detect_model(folder.model(), model, model.series.network);
  };
  return train_run({network, *loss, *batches, numbers.empty() ? nullptr : held_out.get(), save}, how, folder,
                   pool, sink, from);
}

}  // namespace

TrainingResult train_detect(const DetectSettings& settings, const RunFolder& folder, ThreadPool& pool,
                            RunSink* sink) {
  const DetectData data = prepare(settings);
  Network<float> network = build_network(data);  // refuses before anything is written
  begin_run(folder, to_toml(data.settings));
  return train(data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_detect(const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const auto settings = read_settings<DetectSettings>(folder.settings());
  require_data(settings.series.data, folder.settings(), RunFolder::kNewPath);
  const DetectData data = prepare(settings);
  Network<float> network = build_network(data);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(data, std::move(network), folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
