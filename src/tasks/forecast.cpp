#include "tasks/forecast.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.h"
#include "data/cells.h"
#include "tasks/forecast_data.h"
#include "tasks/settings_file.h"
#include "tasks/window_batches.h"

namespace carousel {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxLogBytes = std::uint64_t{1} << 32;

std::string log_line(const ProgressRecord& record) {
  // What was not measured is null.
  const Json json = {{"epoch", record.epoch},
                     {"update", record.update},
                     {"loss", record.loss},
                     {"validation_loss", record.validation_loss},
                     {"gradient_norm", record.gradient_norm},
                     {"learning_rate", record.learning_rate},
                     {"sequences_per_second", record.sequences_per_second},
                     {"seconds", record.seconds},
                     {"best", record.best}};
  return json.dump();
}

/// Passes records on, and keeps the log.
class LoggingSink final : public ProgressSink {
 public:
  LoggingSink(std::string log, ProgressSink* next) : log_(std::move(log)), next_(next) {}
  void on_batch(const ProgressRecord& record) override {
    if (next_ != nullptr) next_->on_batch(record);
  }
  void on_epoch(const ProgressRecord& record) override {
    append_line(log_, log_line(record));
    if (next_ != nullptr) next_->on_epoch(record);
  }
  void on_checkpoint(const std::string& path) override {
    if (next_ != nullptr) next_->on_checkpoint(path);
  }
  bool should_stop() override { return next_ != nullptr && next_->should_stop(); }

 private:
  std::string log_;
  ProgressSink* next_;
};

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
          {"provenance.seed", fmt::format("{}", settings.seed)},
          {"provenance.version", kVersion}};
}

TrainingOptions training_options(const ForecastSettings& settings, const RunFolder& folder) {
  TrainingOptions options;
  options.epochs = settings.epochs;
  options.optimizer = settings.optimizer;
  options.schedule = settings.schedule;
  options.clip_norm = settings.clip_norm;
  options.recompute = settings.recompute;
  options.patience = settings.patience;
  options.time_limit_seconds = settings.time_limit_seconds;
  options.seed = settings.seed;
  options.checkpoint_path = folder.checkpoint();
  return options;
}

ForecastPlan plan_of(const ForecastData& data, const Network<float>& network, std::size_t training_windows,
                     std::size_t validation_windows) {
  ForecastPlan plan;
  plan.settings = data.coding.settings;
  plan.spec = data.coding.spec();
  plan.parameters = network.weights().size();
  plan.series = data.set.series.size();
  for (const Series& series : data.set.series) plan.rows += series.length;
  plan.training_windows = training_windows;
  plan.validation_windows = validation_windows;
  plan.frequency = data.set.frequency.name();
  plan.input_names = data.windows->input_names();
  for (std::size_t k = 0; k < data.set.targets; ++k)
    if (data.coding.log[k] != 0) plan.log_targets.push_back(data.set.names[k]);
  return plan;
}

Network<float> build_network(const ForecastData& data) {
  return build_forecast_network(data.coding, data.windows->inputs());
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const ForecastData& data, Network<float> network, const RunFolder& folder,
                     ThreadPool& pool, ForecastSink* sink, const Checkpoint<float>* from) {
  const ForecastCoding& coding = data.coding;
  const ForecastSettings& settings = coding.settings;
  const LossPointer<float> loss = make_loss<float>(*settings.loss, settings.loss_options);
  const Anchors anchors = coding.anchors();
  const WindowList training = data.list(Part::train), validation = data.list(Part::validation);
  const TrainingBatches batches(*data.windows, anchors, training, settings.batch, settings.updates_per_epoch,
                                settings.seed);
  const ValidationBatches held_out(*data.windows, anchors, validation,
                                   validation.spread(settings.validation_windows), settings.batch);
  if (sink != nullptr)
    sink->on_plan(
        plan_of(data, network, training.size(), std::min(validation.size(), settings.validation_windows)));

  const Metadata provenance = provenance_of(data);
  LoggingSink log(folder.log(), sink);
  const auto keep_best = [&](std::span<const float> weights, const ProgressRecord&) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    const auto best = Network<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill);
    save_forecast_model(folder.model(), coding, best, provenance);
  };
  Trainer<float> trainer(
      {network, *loss, batches, validation.size() == 0 ? nullptr : &held_out, pool, &log, keep_best},
      training_options(settings, folder));
  if (from != nullptr) trainer.resume(*from);
  TrainingResult result = trainer.run();
  save_forecast_model(folder.model(), coding, network, provenance);
  return result;
}

}  // namespace

TrainingResult train_forecast(const ForecastSettings& settings, const std::string& run_folder,
                              ThreadPool& pool, ForecastSink* sink) {
  const RunFolder folder{run_folder};
  const std::unique_ptr<ForecastData> data = prepare_training_data(settings);
  Network<float> network = build_network(*data);  // refuses before anything is written
  std::error_code error;
  std::filesystem::create_directories(run_folder, error);
  if (error) throw FileError(fmt::format("{}: cannot make the run folder: {}", run_folder, error.message()));
  // In this order a run killed at any moment is either the old one or resumes as the new one.
  std::filesystem::remove(folder.checkpoint(), error);
  std::filesystem::remove(folder.model(), error);
  std::filesystem::remove(folder.report(), error);
  write_file(folder.settings(), to_toml(data->coding.settings));
  write_file(folder.log(), "");
  return train(*data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_forecast(const std::string& run_folder, ThreadPool& pool, ForecastSink* sink) {
  const RunFolder folder{run_folder};
  folder.require();
  const ForecastSettings settings = read_settings(folder.settings());
  require_data(settings.data, folder.settings(), RunFolder::kNewPath);
  const std::unique_ptr<ForecastData> data = prepare_training_data(settings);
  const bool begun = std::filesystem::exists(folder.checkpoint());
  std::optional<Checkpoint<float>> checkpoint;
  if (begun) checkpoint = load_checkpoint<float>(folder.checkpoint());
  std::string log;
  if (begun)
    for (const ProgressRecord& record : checkpoint->history) log += log_line(record) + "\n";
  write_file(folder.log(), log);
  return train(*data, build_network(*data), folder, pool, sink, begun ? &*checkpoint : nullptr);
}

std::vector<ProgressRecord> read_log(const std::string& run_folder) {
  const std::string path = RunFolder{run_folder}.log();
  const std::string text = read_file(path, kMaxLogBytes);
  std::vector<ProgressRecord> records;
  for (std::size_t begin = 0, line = 1; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    try {
      const Json json = Json::parse(text.substr(begin, end - begin));
      const auto number = [&](const char* key) {
        return json.at(key).is_null() ? ProgressRecord::kNotMeasured : json.at(key).get<double>();
      };
      ProgressRecord record;
      record.epoch = json.at("epoch").get<std::size_t>();
      record.update = json.at("update").get<std::size_t>();
      record.loss = number("loss");
      record.validation_loss = number("validation_loss");
      record.gradient_norm = number("gradient_norm");
      record.learning_rate = number("learning_rate");
      record.sequences_per_second = number("sequences_per_second");
      record.seconds = number("seconds");
      record.best = json.at("best").get<bool>();
      records.push_back(record);
    } catch (const Json::exception& error) {
      throw DataError(
          fmt::format("{}, line {}: expected the record of an epoch: {}", path, line, shown(error.what())));
    }
    begin = end + 1;
  }
  return records;
}

}  // namespace carousel
