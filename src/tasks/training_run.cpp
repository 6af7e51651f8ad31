#include "tasks/training_run.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.h"
#include "data/cells.h"
#include "training/learning_run.h"

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

}  // namespace

void begin_run(const RunFolder& folder, const std::string& settings) {
  std::error_code error;
  std::filesystem::create_directories(folder.path, error);
  if (error) throw FileError(fmt::format("{}: cannot make the run folder: {}", folder.path, error.message()));
  // In this order a run killed at any moment is either the old one or resumes as the new one.
  std::filesystem::remove(folder.checkpoint(), error);
  std::filesystem::remove(folder.model(), error);
  std::filesystem::remove(folder.report(), error);
  write_file(folder.settings(), settings);
  write_file(folder.log(), "");
}

std::optional<Checkpoint<float>> continue_run(const RunFolder& folder) {
  std::optional<Checkpoint<float>> checkpoint;
  if (std::filesystem::exists(folder.checkpoint())) checkpoint = load_checkpoint<float>(folder.checkpoint());
  std::string log;
  if (checkpoint)
    for (const ProgressRecord& record : checkpoint->history) log += log_line(record) + "\n";
  write_file(folder.log(), log);
  return checkpoint;
}

namespace {

/// By another method than back-propagation.
TrainingResult train_otherwise(const RunParts& parts, const TrainingSettings& settings,
                               const RunFolder& folder, ThreadPool& pool, RunSink* sink,
                               const Checkpoint<float>* from) {
  Network<float>* network = parts.model.network();
  if (network == nullptr)
    throw SettingError(
        fmt::format("method: {} learns a network alone, and this is an encoder with a decoder; "
                    "leave it out, or write bptt",
                    name(settings.method.name)));
  const auto learner =
      make_method_learner(settings.method, {*network, parts.loss, parts.training, parts.validation, pool},
                          settings.optimizer, settings.schedule, settings.seed);
  TrainingSettings leading = settings;
  const bool always_judged = is_evolution(settings.method.name) || settings.method.name == Method::evolino;
  if (parts.validation == nullptr && !always_judged) leading.patience = 0;
  constexpr double kNoTarget = -std::numeric_limits<double>::infinity();
  std::vector<float> best;
  const auto save = [&](std::span<const float> weights) {
    best.assign(weights.begin(), weights.end());
    parts.save(weights);
  };
  TrainingResult result = learn_run(*learner, {leading, kNoTarget, save}, folder, sink, from);
  network->set_weights(best);
  return result;
}

}  // namespace

TrainingResult train_run(const RunParts& parts, const TrainingSettings& settings, const RunFolder& folder,
                         ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  if (settings.method.name != Method::bptt) return train_otherwise(parts, settings, folder, pool, sink, from);
  LoggingSink log(folder.log(), sink);
  const auto keep_best = [&](std::span<const float> weights, const ProgressRecord&) { parts.save(weights); };
  TrainingOptions options = settings.options(folder.checkpoint());
  options.sampling = parts.sampling;
  if (parts.validation == nullptr) options.patience = 0;  // nothing to lose it over
  Trainer<float> trainer({parts.model, parts.loss, parts.training, parts.validation, pool, &log, keep_best},
                         options);
  if (from != nullptr) trainer.resume(*from);
  TrainingResult result = trainer.run();
  parts.save(parts.model.weighted().weights());
  return result;
}

TrainingResult learn_run(Learner<float>& learner, const LearningParts& parts, const RunFolder& folder,
                         RunSink* sink, const Checkpoint<float>* from) {
  LoggingSink log(folder.log(), sink);
  LearningRunOptions options;
  options.epochs = parts.settings.epochs;
  options.patience = parts.settings.patience;
  options.target_loss = parts.target_loss;
  options.time_limit_seconds = parts.settings.time_limit_seconds;
  options.seed = parts.settings.seed;
  options.checkpoint_path = folder.checkpoint();
  const auto keep_best = [&](std::span<const float> weights, const ProgressRecord&) { parts.save(weights); };
  LearningRun<float> run(learner, options, {.sink = &log, .on_best = keep_best});
  if (from != nullptr) run.resume(*from);
  TrainingResult result = run.run();
  parts.save(run.best_weights());
  return result;
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
