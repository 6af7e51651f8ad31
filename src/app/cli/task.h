// A task as the commands see it: each is one file that says how it is trained, judged and shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"
#include "data/bad_examples.h"
#include "kernels/weight_format.h"
#include "tasks/long_work.h"
#include "tasks/training_run.h"
#include "tasks/transcription.h"

namespace carousel::cli {

/// What an evaluation found, as it is printed. Empty where there was nothing to judge on.
struct Results {
  std::string text;  ///< tables and sentences, as wide as the terminal
  nlohmann::ordered_json json;
  std::string problem;  ///< why the model is not to be used, e.g. that training has diverged; "": it may be
  std::vector<BadExample> left_out = {};
};

/// What `carousel evaluate` is asked for. Options of some tasks are not set where they were not given.
struct EvaluateRequest {
  std::string run;                    ///< folder of a run, or a model file
  std::optional<std::string> data;    ///< all of it; not set: the run's test part
  std::size_t origins = 0;            ///< rolling ones, `stride` rows apart; 0: every row
  std::size_t stride = 0;             ///< 0: the horizon
  std::optional<std::string> labels;  ///< file of known anomalies
  bool skip_bad = false;              ///< goes on without examples of data that cannot be read
  ReadingSearchOptions search = {};
};

/// The same of `carousel predict`.
struct PredictRequest {
  std::string run;                ///< folder of a run, or a model file
  std::vector<std::string> data;  ///< at least one file; "-": standard input, as a stream
  bool json = false;              ///< one JSON object a line
  std::optional<WeightFormat> weights;
  std::optional<std::size_t> beam, best;
  ReadingSearchOptions search = {};  ///< but its width, which is beam
  std::vector<std::string> keywords;
  std::optional<double> keyword_threshold;
};
/// The one file of a request, for tasks that take no more. Throws SettingError.
const std::string& only_data(const PredictRequest& request);
using OptionNames = std::span<const std::string_view>;
/// Takes a result part by part.
using WriteText = std::function<void(const std::string&)>;

class Task {
 public:
  virtual ~Task() = default;

  /// As it is typed: "forecast".
  virtual std::string_view name() const noexcept = 0;
  /// Enters `carousel train NAME` into the parser of train.
  virtual void add_train(CLI::App& train, Commands& commands) const = 0;

  /// The seed of a run.toml.
  virtual std::uint64_t seed(const std::string& settings_file) const = 0;
  /// Trains with the settings of a run.toml, with another seed where one is given.
  virtual TrainingResult train_again(const std::string& settings_file, std::optional<std::uint64_t> seed,
                                     const RunFolder& folder, ThreadPool& pool, RunSink& sink) const = 0;
  virtual TrainingResult resume(const RunFolder& folder, ThreadPool& pool, RunSink& sink) const = 0;

  /// The options of evaluate that not every task has, but this one: "--labels". Others are refused before
  /// evaluate is called.
  virtual OptionNames evaluate_options() const { return {}; }
  virtual Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork& tell) const = 0;
  /// Evaluates on the test part and writes RUN/report.html; without a test part, nothing is done and the
  /// results are empty.
  virtual Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork& tell) const = 0;
  /// As evaluate_options, of predict.
  virtual OptionNames predict_options() const { return {}; }
  /// Writes what the model makes of new data; of standard input each part as soon as it has been read.
  virtual void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const = 0;
  /// A line with the command that uses the model of the run: "predict  carousel predict ...".
  virtual std::string use(const RunFolder& folder) const = 0;
};

/// All of them, in the order of the help.
const std::vector<const Task*>& tasks();
std::vector<std::string> task_names();
/// The one that a run.toml, or the run of a folder, is of. Throws FileError, DataError.
const Task& task_of_settings(const std::string& settings_file);
const Task& task_of_run(const RunFolder& folder);
/// The one that a model file, or the model of a run, was trained for. Throws FileError, ModelError,
/// DataError.
const Task& task_of_model(const std::string& path);

/// Where each is made.
const Task& forecast_task();
const Task& generate_task();
const Task& classify_task();
const Task& label_task();
const Task& transcribe_task();
const Task& translate_task();
const Task& detect_task();
const Task& control_task();

}  // namespace carousel::cli
