#include "lab/forecast_real.h"

#include <algorithm>

#include "lab/task_run.h"
#include "tasks/detect.h"
#include "tasks/detect_evaluation.h"
#include "tasks/forecast.h"
#include "tasks/forecast_evaluation.h"

namespace carousel::lab {

namespace {

constexpr const char* kM4 = R"toml(
[data]
form = "wide"
season = 24
[forecast]
horizon = 48
context = 336
transform = "log"
scaling = "none"
[network]
layers = "parallel(conv1d 128 kernel=168 padding=causal activation=relu, lstm 64), dense 128 activation=relu"
[training]
batch = 16
learning_rate = 0.003
schedule = "cosine"
epochs = 30
time_limit = 540
)toml";
constexpr const char* kTaxi = R"toml(
[data]
targets = ["value"]
split = "4800,480,5040"
[forecast]
horizon = 5
context = 48
lags = [48, 336]
anchor = "last"
[network]
hidden = 48
[training]
loss = "mae"
epochs = 30
)toml";

constexpr const char* kTaxiWindowsSettings = R"toml(
[data]
targets = ["value"]
split = "4320,960,5040"
)toml";

constexpr const char* kEtt = R"toml(
[data]
targets = ["OT"]
split = "8640,2880,2880"
[forecast]
horizon = 24
)toml";

struct Judged {
  TrainingResult result;
  TargetEvaluation target;
};

Judged forecast(const Context& context, ForecastSettings settings) {
  const RunPlace place;
  ContextRunSink sink(context);
  TrainingResult result = train_forecast(settings, place.run().path, *context.pool, &sink);
  return {std::move(result),
          evaluate_forecast(place.run().path, std::nullopt, *context.pool).targets.front()};
}

Outcome run_forecast_m4_hourly(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<ForecastSettings>(kM4, seed);
  settings.data = data_file(context, "Hourly-train.csv");
  settings.test_data = data_file(context, "Hourly-test.csv");
  const auto [result, target] = forecast(context, std::move(settings));
  return judged(result, target.model.metrics.smape, 12.0);
}

Outcome run_forecast_ett(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<ForecastSettings>(kEtt, seed);
  settings.data = data_file(context, "ETTh1.csv");
  const auto [result, target] = forecast(context, std::move(settings));
  const double mse = target.model.metrics.mse_standardised;
  Outcome outcome = judged(result, mse, 0.032);
  for (const ForecastScore& baseline : target.baselines)
    outcome.met &= mse < baseline.metrics.mse_standardised;
  return outcome;
}

Outcome run_taxi(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<ForecastSettings>(kTaxi, seed);
  settings.data = data_file(context, "nyc_taxi.csv");
  const auto [result, target] = forecast(context, std::move(settings));
  return judged(result, target.model.metrics.wape / 100, 0.10);
}

Outcome run_taxi_windows(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<DetectSettings>(kTaxiWindowsSettings, seed);
  settings.series.data = data_file(context, "nyc_taxi.csv");
  settings.labels = data_file(context, "combined_windows.json");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_detect(settings, place.run(), *context.pool, &sink);
  const DetectionCounts found =
      evaluate_detect(place.run().path, std::nullopt, std::nullopt, *context.pool).model;
  Outcome outcome = judged(result, static_cast<double>(found.hits), 4, false);
  outcome.met &= found.false_alarms <= 5;
  return outcome;
}

}  // namespace

const Experiment kForecastEtt =
    of_a_task({.name = "forecast_ett",
               .what = "the oil temperature of a transformer 24 hours ahead, Informer's split",
               .source = "Zhou et al., AAAI 2021",
               .figure = "mean square error",
               .published = "persistence: 0.0343",
               .gate = "at most 0.032, and less than persistence",
               .data = "ETTh1.csv (zhouhaoyi/ETDataset, CC BY-ND 4.0)",
               .run = run_forecast_ett});

const Experiment kForecastM4Hourly =
    of_a_task({.name = "forecast_m4_hourly",
               .what = "414 series of the M4 competition, 48 hours ahead, one network",
               .source = "Makridakis, Spiliotis & Assimakopoulos 2020",
               .figure = "sMAPE %",
               .published = "9.4 (the best of the competition); seasonal naive 13.912",
               .gate = "at most 12.0",
               .data = "Hourly-train.csv, Hourly-test.csv (Mcompetitions/M4-methods)",
               .run = run_forecast_m4_hourly});

const Experiment kTaxi = of_a_task({.name = "taxi",
                                    .what = "taxi passengers of New York five half hours ahead",
                                    .source = "Cui, Ahmad & Hawkins 2016",
                                    .figure = "MAPE as the sum of errors over the sum of values",
                                    .published = "0.085 to 0.10",
                                    .gate = "at most 0.10",
                                    .data = "nyc_taxi.csv (numenta/NAB, MIT)",
                                    .run = run_taxi});

const Experiment kTaxiWindows = of_a_task(
    {.name = "taxi_windows",
     .what =
         "finds the five days among 105 on which New York's taxis were not used as ever: the errors of an "
         "lstm's forecasts, and how likely they are",
     .source = "Lavin & Ahmad, ICMLA 2015",
     .figure = "windows found",
     .published = "no figure",
     .gate = "4 of 5 windows, at most 5 false alarms",
     .less_is_better = false,
     .data = "nyc_taxi.csv, combined_windows.json (numenta/NAB, MIT)",
     .run = run_taxi_windows});

}  // namespace carousel::lab
