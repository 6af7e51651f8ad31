#include "tasks/forecast.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <system_error>

#include "base/counted.h"
#include "data/cells.h"
#include "tasks/data_file.h"
#include "tasks/forecast_data.h"
#include "tasks/settings_file.h"
#include "tasks/window_batches.h"

namespace carousel {
namespace {

Metadata provenance_of(const ForecastData& data) {
  const ForecastSettings& settings = data.coding.settings;
  std::size_t rows = 0;
  for (const Series& series : data.set.series) rows += series.length;
  std::error_code error;
  return {{"provenance.data", std::filesystem::path(settings.data).filename().string()},
          {"provenance.bytes", fmt::format("{}", std::filesystem::file_size(settings.data, error))},
          {"provenance.checksum", settings.checksum.value_or("")},
          {"provenance.rows", fmt::format("{}", rows)},
          {"provenance.series", fmt::format("{}", data.set.series.size())},
          {"provenance.seed", fmt::format("{}", settings.training.seed)},
          {"provenance.version", kVersion}};
}

std::vector<std::string> plan_lines(const ForecastData& data, const Network<float>& network,
                                    std::size_t training_windows, std::size_t validation_windows) {
  const ForecastSettings& settings = data.coding.settings;
  std::size_t rows = 0;
  for (const Series& series : data.set.series) rows += series.length;
  std::string read = fmt::format("data: {}, {}", settings.data, counted(rows, "row", "rows"));
  if (data.set.series.size() > 1) read += fmt::format(" in {} series", grouped(data.set.series.size()));
  if (const std::string frequency = data.set.frequency.name(); frequency != "none" && !frequency.empty())
    read += ", " + frequency;
  if (settings.test_data) read += ", the test part from " + *settings.test_data;
  if (!data.coding.statics.empty()) {
    std::vector<std::string> names;
    for (const StaticFeature& feature : data.coding.statics)
      names.push_back(feature.categories.empty()
                          ? feature.name
                          : fmt::format("{} ({} categories)", feature.name, feature.categories.size()));
    read += fmt::format("; static: {}", fmt::join(names, ", "));
  }
  std::string task = fmt::format("forecast: {}, {} ahead from {}", fmt::join(settings.targets, ", "),
                                 counted(settings.horizon, "step", "steps"), seen_text(settings));
  std::vector<std::string> logs;
  for (std::size_t k = 0; k < data.set.targets; ++k)
    if (data.coding.log[k] != 0) logs.push_back(data.set.names[k]);
  if (!logs.empty()) task += fmt::format(" (logarithm of {})", fmt::join(logs, ", "));
  return {read, task,
          fmt::format("network: {}; {}", data.coding.spec(),
                      counted(network.weights().size(), "parameter", "parameters")),
          fmt::format("windows: {} to train on, {} to validate", grouped(training_windows),
                      grouped(validation_windows))};
}

Network<float> build_network(const ForecastData& data) {
  return build_forecast_network(data.coding, data.windows->inputs());
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const ForecastData& data, Network<float> network, const RunFolder& folder,
                     ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  const ForecastCoding& coding = data.coding;
  const ForecastSettings& settings = coding.settings;
  const LossPointer<float> loss = make_loss<float>(*settings.loss, settings.loss_options);
  const Anchors anchors = coding.anchors();
  const RelativeInputs inputs = coding.inputs(*data.windows);
  const WindowList training = data.list(Part::train), validation = data.list(Part::validation);
  const TrainingBatches batches(*data.windows, anchors, inputs, training, settings.training.batch,
                                settings.training.updates_per_epoch, settings.training.seed);
  const ValidationBatches held_out(*data.windows, anchors, inputs, validation,
                                   validation.spread(settings.validation_windows), settings.training.batch);
  if (sink != nullptr)
    sink->on_plan(
        plan_lines(data, network, training.size(), std::min(validation.size(), settings.validation_windows)));
  const Metadata provenance = provenance_of(data);
  const auto save = [&](std::span<const float> weights) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    const auto best = Network<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill);
    save_forecast_model(folder.model(), coding, best, provenance);
  };
  return train_run({network, *loss, batches, validation.size() == 0 ? nullptr : &held_out, save},
                   settings.training, folder, pool, sink, from);
}

}  // namespace

TrainingResult train_forecast(const ForecastSettings& settings, const std::string& run_folder,
                              ThreadPool& pool, RunSink* sink) {
  const RunFolder folder{run_folder};
  const std::unique_ptr<ForecastData> data = prepare_training_data(settings);
  Network<float> network = build_network(*data);  // refuses before anything is written
  begin_run(folder, to_toml(data->coding.settings));
  return train(*data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_forecast(const std::string& run_folder, ThreadPool& pool, RunSink* sink) {
  const RunFolder folder{run_folder};
  folder.require();
  const ForecastSettings settings = read_settings<ForecastSettings>(folder.settings());
  require_data_files(settings, folder.settings(), RunFolder::kNewPath);
  const std::unique_ptr<ForecastData> data = prepare_training_data(settings);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(*data, build_network(*data), folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
