// Detection end to end: a planted anomaly found by either method, the same bytes again, a stream as the whole
// file, and what is refused.
#include "tasks/detect.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "support/folder_test.h"
#include "tasks/detect_evaluation.h"
#include "tasks/detect_prediction.h"
#include "tasks/forecaster.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kRows = 700, kFlat = 600, kFlatRows = 20;  // in the test part, which begins at 560

/// Hours of a daily wave with a little noise; for 20 hours of the test part it stands still. Some rows may be
/// missing.
std::string hours(bool flat = true, bool gaps = false) {
  std::string text = "time,load\n";
  const Random random(11, 4);
  for (std::size_t row = 0; row < kRows; ++row) {
    const double phase = 6.283185307179586 * static_cast<double>(row % 24) / 24;
    double load = 50 + 10 * std::sin(phase) + 4 * std::cos(2 * phase) + random.uniform(row);
    if (flat && row >= kFlat && row < kFlat + kFlatRows) load = 50;
    if (gaps && row % 90 == 60) continue;
    const auto day = static_cast<int>(row / 24), hour = static_cast<int>(row % 24);
    char line[64];
    std::snprintf(line, sizeof line, "2024-%02d-%02d %02d:00,%.3f\n", day < 31 ? 1 : 2,
                  day < 31 ? day + 1 : day - 30, hour, load);
    text += line;
  }
  return text;
}

class Detect : public testing::FolderTest {
 protected:
  void SetUp() override {
    write_file(path("load.csv"), hours());
    write_file(path("labels.csv"), "begin,end\n2024-01-26 00:00,2024-01-26 19:00\n");
  }
  DetectSettings small(DetectMethod method = DetectMethod::residual) const {
    DetectSettings s;
    s.method = method;
    s.series.data = path("load.csv");
    s.series.targets = {"load"};
    s.series.context = 24;
    s.series.hidden = 12;
    s.series.dropout = 0;
    s.series.training.epochs = 4;
    s.series.training.updates_per_epoch = 25;
    s.series.training.batch = 16;
    s.series.training.schedule.learning_rate = 0.02;
    s.short_rows = 5;
    s.gap = 12;
    s.labels = path("labels.csv");
    return s;
  }
  void train(const std::string& run, const DetectSettings& settings) {
    train_detect(settings, {path(run)}, pool_, nullptr);
  }
  void finds_the_flat_day(DetectMethod method);
  void stream_is_whole(const DetectSettings& settings, const std::string& data);

  ThreadPool pool_{2};
};

void Detect::finds_the_flat_day(DetectMethod method) {
  train("run", small(method));
  const DetectEvaluation e = evaluate_detect(path("run"), {}, {}, pool_);
  ASSERT_EQ(e.rows.size(), 140u);  // a fifth of 700
  ASSERT_EQ(e.labels.size(), 1u);
  EXPECT_EQ(e.labels[0], (Range{kFlat - 560, kFlat + kFlatRows - 560}));
  EXPECT_EQ(e.model, (DetectionCounts{1, 0, 0}));
  ASSERT_EQ(e.windows.size(), 1u);
  const AnomalyWindow& window = e.windows[0];
  EXPECT_GE(window.rows.begin, e.labels[0].begin);
  EXPECT_LT(window.rows.begin, e.labels[0].end);
  EXPECT_EQ(window.score, e.rows[window.peak].score);
  for (std::size_t row = 0; row < e.rows.size(); ++row) {
    EXPECT_EQ(e.rows[row].anomaly, e.rows[row].score >= e.threshold) << row;
    EXPECT_LE(e.rows[row].score, window.score) << row;
  }
  EXPECT_FALSE(e.diverged);
}

TEST_F(Detect, finds_a_planted_anomaly_by_forecasts) {
  finds_the_flat_day(DetectMethod::residual);
  const DetectEvaluation e = evaluate_detect(path("run"), {}, {}, pool_);
  ASSERT_TRUE(e.forecast.has_value());
  EXPECT_EQ(e.forecast->horizon, 5u);
  EXPECT_EQ(e.baseline_name(), "seasonal naive");
}

TEST_F(Detect, finds_a_planted_anomaly_by_an_autoencoder) {
  finds_the_flat_day(DetectMethod::autoencoder);
  EXPECT_FALSE(evaluate_detect(path("run"), {}, {}, pool_).forecast.has_value());
}

/// By hand from the forecasts themselves, as ForecastStream would make them.
TEST_F(Detect, an_error_is_the_mean_distance_of_the_last_forecasts_of_a_row) {
  DetectSettings settings = small();
  settings.horizon = 3;
  settings.series.training.epochs = 1;
  train("run", settings);
  const DetectModel model = load_detect_model(path("run"));
  const auto data = read_own_data(model.series.coding);
  const std::vector<DetectedRow> rows = detect_rows(model, *data->windows, pool_);
  const Forecaster forecaster(model.series.coding, model.series.network, *data->windows, pool_);
  const double deviation = model.series.coding.series.begin()->second.metrics[0].deviation;
  EXPECT_TRUE(std::isnan(rows[23].error));
  EXPECT_FALSE(std::isnan(rows[24].error));
  for (const std::size_t row : {std::size_t{300}, std::size_t{610}}) {
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const Window from{0, row - 1 - j, row};
      const double forecast = forecaster.run({&from, 1}).point[j];
      if (j == 0) {
        EXPECT_EQ(rows[row].expected[0], forecast);
      }
      sum += std::abs(rows[row].values[0] - forecast) / deviation;
    }
    EXPECT_NEAR(rows[row].error, sum / 3, 1e-12);
  }
}

TEST_F(Detect, the_normal_errors_of_a_model_are_those_of_the_validation_part) {
  for (const DetectMethod method : {DetectMethod::residual, DetectMethod::autoencoder}) {
    DetectSettings settings = small(method);
    settings.series.training.epochs = 1;
    train("run", settings);
    const DetectModel model = load_detect_model(path("run"));
    const auto data = read_own_data(model.series.coding);
    std::vector<double> errors;
    for (const DetectedRow& row : detect_rows(model, *data->windows, pool_)) errors.push_back(row.error);
    const NormalErrors expected = normal_errors(std::span(errors).subspan(490, 70));
    EXPECT_EQ(model.normal.mean, expected.mean);
    EXPECT_EQ(model.normal.deviation, expected.deviation);
  }
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void Detect::stream_is_whole(const DetectSettings& settings, const std::string& data) {
  train("run", settings);
  const DetectedTable whole = predict_detect(path("run"), data, pool_);
  DetectStream stream(path("run"), data, pool_);
  std::size_t row = 0;
  while (const auto rows = stream.next())
    for (const DetectedRow& one : *rows) {
      ASSERT_LT(row, whole.rows.size());
      const DetectedRow& expected = whole.rows[row++];
      EXPECT_EQ(one.time, expected.time);
      EXPECT_TRUE(same(one.values, expected.values)) << row;
      EXPECT_TRUE(same(one.expected, expected.expected)) << row;
      EXPECT_TRUE(same({one.error, one.score}, {expected.error, expected.score})) << row;
      EXPECT_EQ(one.anomaly, expected.anomaly) << row;
    }
  EXPECT_EQ(row, whole.rows.size());
  EXPECT_EQ(row, kRows);
}

TEST_F(Detect, a_stream_gives_the_bits_of_the_whole_file) {
  DetectSettings settings = small();
  settings.series.training.epochs = 1;
  settings.series.transform = Transform::log;
  stream_is_whole(settings, path("load.csv"));
}

TEST_F(Detect, so_it_does_with_missing_rows_and_an_autoencoder) {
  DetectSettings settings = small(DetectMethod::autoencoder);
  settings.series.training.epochs = 1;
  settings.series.missing = Missing::mask;
  write_file(path("gaps.csv"), hours(true, true));
  stream_is_whole(settings, path("gaps.csv"));
}

TEST_F(Detect, so_it_does_with_lags_of_which_some_are_missing) {
  DetectSettings settings = small();
  settings.series.training.epochs = 1;
  settings.series.missing = Missing::mask;
  settings.series.lags = {24, 240};
  write_file(path("gaps.csv"), hours(true, true));
  settings.series.data = path("gaps.csv");
  stream_is_whole(settings, path("gaps.csv"));
}

TEST_F(Detect, threads_do_not_show) {
  DetectSettings settings = small();
  settings.series.training.epochs = 1;
  train("two", settings);
  ThreadPool one(1);
  train_detect(settings, {path("one")}, one, nullptr);
  EXPECT_EQ(bytes("one/model.safetensors"), bytes("two/model.safetensors"));
}

/// Stops after so many batches.
struct Stopping : RunSink {
  std::size_t left;
  explicit Stopping(std::size_t batches) : left(batches) {}
  void on_batch(const ProgressRecord&) override { left -= left > 0 ? 1 : 0; }
  bool should_stop() override { return left == 0; }
};

TEST_F(Detect, a_stopped_run_goes_on_to_the_same_bytes_and_a_run_can_be_repeated) {
  for (const DetectMethod method : {DetectMethod::residual, DetectMethod::autoencoder}) {
    DetectSettings settings = small(method);
    settings.series.training.epochs = 2;
    train("whole", settings);
    Stopping sink(37);
    EXPECT_EQ(train_detect(settings, {path("cut")}, pool_, &sink).stopped, StopReason::interrupted);
    resume_detect({path("cut")}, pool_, nullptr);
    EXPECT_EQ(bytes("cut/model.safetensors"), bytes("whole/model.safetensors"));
    train("again", read_settings<DetectSettings>(path("whole/run.toml")));
    EXPECT_EQ(bytes("again/model.safetensors"), bytes("whole/model.safetensors"));
    EXPECT_EQ(bytes("again/run.toml"), bytes("whole/run.toml"));
  }
}

TEST_F(Detect, judges_another_file_with_and_without_labels) {
  train("run", small());
  write_file(path("calm.csv"), hours(false));
  const DetectEvaluation calm = evaluate_detect(path("run"), path("calm.csv"), {}, pool_);
  EXPECT_FALSE(calm.test_part);
  EXPECT_FALSE(calm.labels_path.has_value());
  EXPECT_EQ(calm.rows.size(), kRows);
  EXPECT_TRUE(calm.windows.empty());
  EXPECT_LT(calm.mean_error, 0.5);
  const DetectEvaluation labelled = evaluate_detect(path("run"), path("calm.csv"), path("labels.csv"), pool_);
  EXPECT_EQ(labelled.model, (DetectionCounts{0, 1, 0}));
  EXPECT_TRUE(evaluate_detect(path("run"), path("load.csv"), {}, pool_).trained_on);
}

TEST_F(Detect, what_cannot_be_done_is_refused) {
  const auto refuses = [&](const auto& change, const std::string& part) {
    DetectSettings settings = small();
    change(settings);
    EXPECT_THAT([&] { train("no", settings); }, ThrowsMessage<Error>(HasSubstr(part)));
    EXPECT_FALSE(fs::exists(path("no")));
  };
  refuses([](DetectSettings& s) { s.threshold = 0; }, "threshold: found 0");
  refuses([](DetectSettings& s) { s.long_rows = 1; }, "long: found 1");
  refuses([](DetectSettings& s) { s.short_rows = 5000; }, "short: found 5000, expected 1 to 4000");
  refuses([](DetectSettings& s) { s.loss = "quantile"; }, "loss: there is no 'quantile'");
  const auto look_ahead = [](DetectSettings& s) {
    s.series.hidden = ForecastSettings{}.hidden;
    s.series.dropout = ForecastSettings{}.dropout;
    s.series.layers = "bidirectional(lstm 4)";
  };
  refuses(look_ahead, "looks at rows after the one");
  refuses(
      [&](DetectSettings& s) {
        s.method = DetectMethod::autoencoder;
        look_ahead(s);
      },
      "would hand over what is to be remembered");
  refuses(
      [](DetectSettings& s) {
        s.method = DetectMethod::autoencoder;
        s.horizon = 3;
      },
      "horizon: is for method residual");
  refuses(
      [](DetectSettings& s) {
        s.method = DetectMethod::autoencoder;
        s.series.lags = {24};
      },
      "lags: is for method residual");
  refuses([](DetectSettings& s) { s.series.lags = {4}; }, "lags: found 4, expected at least 5 (the horizon)");
  refuses([&](DetectSettings& s) { s.labels = path("none.json"); }, "none.json");
  write_file(path("two.csv"),
             "time,shop,load\n2024-01-01,a,1\n2024-01-01,b,2\n2024-01-02,a,3\n2024-01-02,b,4\n");
  refuses([&](DetectSettings& s) { s.series.data = path("two.csv"); }, "give detect a file of each");
}

TEST_F(Detect, a_model_of_another_task_is_refused_and_a_broken_one) {
  DetectSettings settings = small();
  settings.series.training.epochs = 1;
  train("run", settings);
  EXPECT_THAT([&] { load_forecast_model(path("run")); },
              ThrowsMessage<ModelError>(HasSubstr("task: found 'detect', expected forecast")));
  LoadedModel<float> loaded = load_model<float>(path("run/model.safetensors"));
  const auto refuses = [&](const char* key, const std::string& text, const std::string& part) {
    Metadata metadata = loaded.metadata;
    metadata[key] = text;
    save_model(path("broken.safetensors"), loaded.network, metadata);
    EXPECT_THAT([&] { load_detect_model(path("broken.safetensors")); },
                ThrowsMessage<ModelError>(HasSubstr(part)));
  };
  refuses("errors", "{}", "metadata: ");
  refuses("errors", R"({"normal": [1, 0], "baseline": [1, 1]})", "deviation above 0");
  refuses("errors", R"({"normal": [1, 1], "baseline": [-1, 1]})", "mean of at least 0");
  refuses("coding", R"({"frequency": "hourly", "log": [false], "covariates": [], "series": []})",
          "exactly one");
  refuses("task", "forecast", "task: found 'forecast', expected detect");
  std::string text = loaded.metadata.at("settings");
  text.replace(text.find("horizon = 5"), 11, "horizon = 4");
  refuses("settings", text, "the network has 5 outputs, expected 4");
}

}  // namespace
}  // namespace carousel
