// What a model loses when its weights are kept in fewer bits, measured on a sample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "model/drift.h"
#include "model/model_file.h"
#include "tasks/metrics.h"

namespace carousel {

/// Of one target of a forecast: the metrics of the float32 model and of the reduced one.
struct ScoreDrift {
  std::string target;
  ForecastMetrics exact, reduced;
};

struct WeightDrift {
  std::string data;         ///< the file that the sample is from; empty: it is random
  bool test_part = true;    ///< of the data trained on; false: all of another file
  std::size_t symbols = 0;  ///< of a random sample: there are so many, equally likely; 0: standard normal
                            ///< numbers
  std::uint64_t seed = 0;   ///< of a random sample
  Drift outputs;
  std::vector<ScoreDrift> scores;  ///< by target; empty where no truth is known
};

struct ReducedModel {
  LoadedModel<float> model;  ///< with the metadata of the exact one
  std::string own_data;      ///< path of the file that it was trained on; empty where it has no task
  WeightDrift drift;
};

/// `run`: a model file with weights in float32, or a run folder. The sample is `data`, a CSV file of the
/// model's task; without it the test part of what the model was trained on, or, where that file is not there
/// or the model has no task, random sequences from the seed. Throws SettingError for data without a task,
/// ModelError for a model that was reduced before; otherwise like evaluate_forecast.
ReducedModel reduce_weights(const std::string& run, WeightFormat format,
                            const std::optional<std::string>& data, std::uint64_t seed, ThreadPool& pool);

}  // namespace carousel
