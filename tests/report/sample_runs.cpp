#include "report/sample_runs.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>

namespace carousel::report {
namespace {

constexpr double kPi = 3.141592653589793;

// Roughly normal values, mean 0 and standard deviation 1, the same ones in every run that is made.
class Noise {
 public:
  double operator()() {
    double sum = -6;
    for (int k = 0; k < 12; ++k) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      sum += static_cast<double>(state_ >> 11) / 9007199254740992.0;
    }
    return sum;
  }

 private:
  std::uint64_t state_ = 1;
};

// The first of a month, counted from January 1949.
double month_time(std::size_t month) {
  using namespace std::chrono;
  const year_month first = year{1949} / January + months{static_cast<int>(month)};
  return static_cast<double>(sys_seconds{sys_days{first / 1}}.time_since_epoch().count());
}

double passengers(std::size_t month) {
  const double t = static_cast<double>(month);
  return (110 + 2.6 * t) * (1 + 0.18 * std::sin(2 * kPi * (t - 3) / 12) + 0.08 * std::sin(4 * kPi * t / 12));
}

Forecast forecast_from(std::size_t origin, std::size_t horizon, std::size_t history, bool known,
                       Noise& noise) {
  Forecast out;
  for (std::size_t month = origin - history; month < origin; ++month) {
    out.history_times.push_back(month_time(month));
    out.history.push_back(passengers(month));
  }
  Quantile low{0.1, {}}, lower{0.25, {}}, upper{0.75, {}}, high{0.9, {}};
  for (std::size_t k = 0; k < horizon; ++k) {
    const double spread = 6 + 1.6 * static_cast<double>(k % 12);
    const double value = passengers(origin + k) + 0.5 * spread * noise();
    out.times.push_back(month_time(origin + k));
    out.values.push_back(value);
    if (known) out.truth.push_back(passengers(origin + k));
    low.values.push_back(value - 1.28 * spread);
    lower.values.push_back(value - 0.67 * spread);
    upper.values.push_back(value + 0.67 * spread);
    high.values.push_back(value + 1.28 * spread);
  }
  out.quantiles = {low, lower, upper, high};
  return out;
}

GateActivity gate_activity(std::size_t units, std::size_t steps, Noise& noise) {
  GateActivity out;
  out.layer = "layer 1: lstm " + std::to_string(units);
  for (std::size_t t = 0; t < steps; ++t) {
    out.times.push_back(month_time(60 + t));
    out.inputs.push_back((passengers(60 + t) - 300) / 100);
  }
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (std::size_t unit = 0; unit < units; ++unit) {
    double c = 0;
    const double phase = static_cast<double>(unit) * 0.7;
    for (std::size_t t = 0; t < steps; ++t) {
      const double wave = std::sin(2 * kPi * static_cast<double>(t) / 12 + phase);
      const double i = sigmoid(2 * wave + 0.2 * noise());
      const double f = sigmoid(1.5 + std::cos(phase * 3) + 0.8 * wave);
      const double g = std::tanh(1.5 * std::sin(phase + wave));
      c = f * c + i * g;
      out.i.push_back(i);
      out.f.push_back(f);
      out.g.push_back(g);
      out.o.push_back(sigmoid(1 - 2 * wave));
      out.c.push_back(c);
    }
  }
  return out;
}

void add_training(ForecastRun& run, Noise& noise) {
  run.loss_name = "quantile loss on the scaled target";
  for (int epoch = 1; epoch <= 120; ++epoch) {
    const double progress = std::exp(-epoch / 18.0);
    run.epochs.push_back(
        {static_cast<double>(epoch), 0.021 + 0.9 * progress + 0.002 * std::abs(noise()),
         0.034 + 0.9 * progress + 0.0004 * std::max(0, epoch - 80) + 0.003 * std::abs(noise()),
         0.003 * 0.5 * (1 + std::cos(kPi * epoch / 125))});
  }
  run.best_epoch = 84;
}

}  // namespace

ForecastRun full_run() {
  Noise noise;
  ForecastRun run;
  run.name = "air";
  run.target = "passengers";
  run.unit = "thousands";
  run.step_name = "month";
  run.horizon = 12;
  run.scores.metrics = {
      {"MAE", "thousands", Better::lower, 0}, {"RMSE", "thousands", Better::lower, 0},
      {"MAPE", "%", Better::lower, 0},        {"sMAPE", "%", Better::lower, 0},
      {"MASE", "", Better::lower, 0},         {"coverage of the 80 % interval", "%", Better::near_goal, 80}};
  run.scores.model = {"network", {14.27, 18.93, 3.214, 3.251, 0.473, 83.3}};
  run.scores.baselines = {{"naive", {64.81, 77.14, 13.92, 15.12, 2.149, NAN}},
                          {"seasonal naive (12)", {40.25, 42.91, 9.214, 9.731, 1.335, NAN}},
                          {"drift", {51.93, 62.05, 11.02, 11.78, 1.722, NAN}}};
  run.scores.test_values = 24;
  run.last = forecast_from(144, 12, 48, false, noise);
  for (const std::size_t origin : {120U, 124U, 128U, 132U})
    run.examples.push_back(forecast_from(origin, 12, 24, true, noise));
  run.test = forecast_from(120, 24, 0, true, noise);
  run.step_errors = {{"network", {}}, {"naive", {}}, {"seasonal naive (12)", {}}, {"drift", {}}};
  for (std::size_t origin = 120; origin <= 132; ++origin) {
    for (std::size_t step = 1; step <= 12; ++step) {
      const double error = (5 + 1.2 * static_cast<double>(step)) * noise() + 2;
      run.residuals.push_back({month_time(origin + step - 1), step, error});
    }
  }
  for (std::size_t step = 1; step <= 12; ++step) {
    const double k = static_cast<double>(step);
    run.step_errors[0].values.push_back(6 + 1.3 * k);
    run.step_errors[1].values.push_back(22 + 55 * std::sin(kPi * k / 14));
    run.step_errors[2].values.push_back(40 + 2 * std::sin(k));
    run.step_errors[3].values.push_back(20 + 44 * std::sin(kPi * k / 15));
  }
  add_training(run, noise);
  run.gates.push_back(gate_activity(32, 48, noise));
  run.settings = {{"data", "passengers.csv"},
                  {"layers", "lstm 32, dense 12"},
                  {"horizon", "12"},
                  {"context", "48"},
                  {"loss", "quantile 0.1 0.25 0.5 0.75 0.9"},
                  {"optimizer", "adam"},
                  {"learning-rate", "0.003"},
                  {"epochs", "120"},
                  {"batch", "32"},
                  {"seed", "1"}};
  run.provenance = {{"program", "carousel 0.1.0"},
                    {"data", "passengers.csv, 144 rows, sha256 5d6f…"},
                    {"parts", "training 1949-01 to 1957-12, validation 1958, test 1959-01 to 1960-12"},
                    {"parameters", "4,876"},
                    {"trained", "in 21 s on 2 threads"}};
  return run;
}

ForecastRun bare_run() {
  Noise noise;
  ForecastRun run;
  run.target = "OT";
  run.has_time = false;
  run.horizon = 1;
  run.scores.metrics = {{"MSE", "", Better::lower, 0}};
  run.scores.model = {"network", {0.0371}};
  run.scores.baselines = {{"naive", {0.0343}}, {"drift", {0.0344}}};
  run.scores.test_values = 2857;
  Forecast test;
  for (int row = 0; row < 60; ++row) {
    test.times.push_back(row);
    test.truth.push_back(std::sin(row * 0.3) + 0.2 * noise());
    test.values.push_back(std::sin((row - 1) * 0.3));
  }
  run.test = test;
  return run;
}

ForecastRun hostile_run() {
  const std::string attack =
      "</script><img src=x onerror=\"console.error('broken out')\"><script "
      "nonce=carousel>console.error('broken out')"
      "</script><!--'\"&{{script}}\xff\xc3";
  ForecastRun run = full_run();
  run.name = run.target = run.unit = run.step_name = run.loss_name = attack;
  for (Metric& metric : run.scores.metrics) metric.name = metric.unit = attack;
  for (Score& score : run.scores.baselines) score.name = attack;
  for (StepError& error : run.step_errors) error.name = attack;
  for (GateActivity& gates : run.gates) gates.layer = attack;
  run.settings.push_back({attack, attack});
  run.provenance.push_back({attack, attack});
  return run;
}

ForecastRun large_run() {
  Noise noise;
  ForecastRun run = full_run();
  run.name = "large";
  run.horizon = 24;
  run.step_name = "hour";
  Forecast test;
  Quantile low{0.05, {}}, high{0.95, {}};
  for (std::size_t t = 0; t < 210000; ++t) {
    const double time = 1.6e9 + 300 * static_cast<double>(t);
    const double value = 12345678 + 2e6 * std::sin(static_cast<double>(t) / 3000) + 3e5 * noise();
    test.times.push_back(time);
    test.truth.push_back(t % 50000 < 500 ? NAN : value);
    test.values.push_back(value + 2e5 * noise());
    low.values.push_back(value - 4e5);
    high.values.push_back(value + 4e5);
  }
  test.quantiles = {low, high};
  run.test = test;
  run.residuals.clear();
  for (std::size_t t = 0; t < 10000; ++t) {
    for (std::size_t step = 1; step <= 24; ++step) {
      run.residuals.push_back({test.times[20 * t], step, 1e4 * static_cast<double>(10 + step) * noise()});
    }
  }
  run.gates = {gate_activity(512, 336, noise), gate_activity(512, 336, noise)};
  return run;
}

}  // namespace carousel::report
