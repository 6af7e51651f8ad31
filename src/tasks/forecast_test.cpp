#include "tasks/forecast.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>

#include "support/folder_test.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecast_model.h"
#include "tasks/forecast_prediction.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Forecast : public testing::FolderTest {
 protected:
  /// Months of a growing yearly cycle; the last value of some rows may be missing.
  std::string monthly(const std::string& name, std::size_t rows, bool with_gaps = false) const {
    std::string text = "month,other,y\n";
    for (std::size_t r = 0; r < rows; ++r) {
      const double t = static_cast<double>(r);
      const double y = (100 + 2 * t) * (1 + 0.3 * std::sin(t * 6.283185307179586 / 12));
      const bool missing = with_gaps && r % 17 == 5;
      text += std::to_string(1950 + r / 12) + "-" + (r % 12 < 9 ? "0" : "") + std::to_string(r % 12 + 1) +
              "," + std::to_string(std::cos(t)) + "," + (missing ? std::string("NA") : std::to_string(y)) +
              "\n";
    }
    return write(name, text);
  }

  static ForecastSettings small(const std::string& data) {
    ForecastSettings s;
    s.data = data;
    s.split = SplitLast{12, 24};
    s.horizon = 6;
    s.context = 12;
    s.hidden = 8;
    s.dropout = 0.1;
    s.training.epochs = 3;
    s.training.updates_per_epoch = 10;
    s.training.batch = 16;
    s.training.seed = 5;
    return s;
  }

  ThreadPool pool_{2};
};

void expect_same_numbers(const ForecastEvaluation& a, const ForecastEvaluation& b) {
  ASSERT_EQ(a.targets.size(), b.targets.size());
  for (std::size_t k = 0; k < a.targets.size(); ++k) {
    EXPECT_EQ(a.targets[k].model.metrics.mse, b.targets[k].model.metrics.mse);
    EXPECT_EQ(a.targets[k].model.metrics.mae, b.targets[k].model.metrics.mae);
    EXPECT_EQ(a.targets[k].model.metrics.count, b.targets[k].model.metrics.count);
  }
  ASSERT_EQ(a.end_to_end.forecast.size(), b.end_to_end.forecast.size());
  for (std::size_t i = 0; i < a.end_to_end.forecast.size(); ++i)
    EXPECT_EQ(a.end_to_end.forecast[i], b.end_to_end.forecast[i]);
}

TEST_F(Forecast, learns_a_growing_cycle_better_than_the_naive_forecasts) {
  ForecastSettings settings = small(monthly("y.csv", 144));
  settings.hidden = 16;
  settings.training.epochs = 20;
  settings.training.updates_per_epoch = 50;
  settings.training.patience = 0;
  settings.training.schedule.learning_rate = 0.005;
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  EXPECT_TRUE(e.beats_baselines);
  EXPECT_EQ(e.all_origins, 24 - 6 + 1);
  EXPECT_EQ(e.season, 12);
  EXPECT_EQ(e.frequency, "monthly");
  ASSERT_EQ(e.targets.size(), 1);
  EXPECT_EQ(e.targets[0].model.metrics.count, 19 * 6);
  // The seasonal naive forecast misses a year's growth of 24 on average, the naive one the cycle.
  EXPECT_NEAR(e.targets[0].baselines[1].metrics.mae, 24, 1);
  EXPECT_LT(e.targets[0].model.metrics.mae, 12);
  EXPECT_EQ(e.levels, (std::vector<double>{0.1, 0.5, 0.9}));
  for (const ForecastSample& sample : e.samples)
    for (std::size_t j = 0; j < 6; ++j) {
      EXPECT_LE(sample.quantiles[0][j], sample.forecast[j]);
      EXPECT_LE(sample.forecast[j], sample.quantiles[2][j]);
    }
}

TEST_F(Forecast, baselines_are_those_of_the_file) {
  // y = 0, 1, 2, ...: naive is off by the step, drift exact.
  std::string text = "y\n";
  for (int r = 0; r < 120; ++r) text += std::to_string(r) + "\n";
  ForecastSettings settings = small(write("line.csv", text));
  settings.training.epochs = 1;
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  ASSERT_EQ(e.targets[0].baselines.size(), 2);  // no frequency, no season
  EXPECT_FALSE(e.has_time);
  EXPECT_NEAR(e.targets[0].baselines[0].metrics.mae, 3.5, 1e-9);
  EXPECT_NEAR(e.targets[0].baselines[0].by_step[5].mae, 6, 1e-9);
  EXPECT_NEAR(e.targets[0].baselines[1].metrics.mae, 0, 1e-9);
  EXPECT_NEAR(e.targets[0].baselines[0].metrics.mase, 3.5, 1e-9);
}

TEST_F(Forecast, the_same_run_again_gives_the_same_bytes_on_any_number_of_threads) {
  const ForecastSettings settings = small(monthly("y.csv", 144));
  train_forecast(settings, path("a"), pool_, nullptr);
  const ForecastEvaluation before = evaluate_forecast(path("a"), std::nullopt, pool_);
  for (const std::size_t threads : {1, 3, 8}) {
    ThreadPool pool(threads);
    // The settings that the run wrote are all that it takes.
    train_forecast(read_settings<ForecastSettings>(RunFolder{path("a")}.settings()), path("b"), pool,
                   nullptr);
    EXPECT_EQ(bytes(path("a/model.safetensors")), bytes(path("b/model.safetensors"))) << threads;
    EXPECT_EQ(bytes(path("a/run.toml")), bytes(path("b/run.toml")));
    expect_same_numbers(before, evaluate_forecast(path("a"), std::nullopt, pool));
  }
}

/// Asks to stop after so many batches.
struct Stopper : RunSink {
  std::size_t left;
  explicit Stopper(std::size_t batches) : left(batches) {}
  bool should_stop() override { return --left == 0; }
};

TEST_F(Forecast, a_stopped_run_resumed_ends_with_the_same_bytes) {
  const ForecastSettings settings = small(monthly("y.csv", 144));
  train_forecast(settings, path("whole"), pool_, nullptr);
  for (const std::size_t stop : {1, 13, 29}) {
    Stopper stopper(stop);
    const TrainingResult part = train_forecast(settings, path("cut"), pool_, &stopper);
    EXPECT_EQ(part.stopped, StopReason::interrupted);
    resume_forecast(path("cut"), pool_, nullptr);
    EXPECT_EQ(bytes(path("cut/model.safetensors")), bytes(path("whole/model.safetensors"))) << stop;
    const std::vector<ProgressRecord> log = read_log(path("cut")), expected = read_log(path("whole"));
    ASSERT_EQ(log.size(), expected.size());
    for (std::size_t i = 0; i < log.size(); ++i)
      EXPECT_EQ(log[i].validation_loss, expected[i].validation_loss);
  }
}

TEST_F(Forecast, a_run_trained_anew_leaves_no_report_of_the_old_one) {
  fs::create_directories(path("run"));
  write("run/report.html", "of the old run");
  Stopper stopper(1);
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, &stopper);
  EXPECT_FALSE(fs::exists(path("run/report.html")));
}

TEST_F(Forecast, a_run_killed_before_its_first_checkpoint_begins_again) {
  train_forecast(small(monthly("y.csv", 144)), path("whole"), pool_, nullptr);
  fs::create_directories(path("cut"));
  fs::copy_file(path("whole/run.toml"), path("cut/run.toml"));
  write("cut/log.jsonl", "{\"epoch\": 1, \"upd");  // torn
  resume_forecast(path("cut"), pool_, nullptr);
  EXPECT_EQ(bytes(path("cut/model.safetensors")), bytes(path("whole/model.safetensors")));
}

TEST_F(Forecast, resume_refuses_other_data) {
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, nullptr);
  monthly("y.csv", 143);
  EXPECT_THROW(resume_forecast(path("run"), pool_, nullptr), DataError);
  EXPECT_THROW(evaluate_forecast(path("run"), std::nullopt, pool_), DataError);
  EXPECT_THROW(resume_forecast(path("nothing"), pool_, nullptr), FileError);
}

TEST_F(Forecast, prediction_goes_on_from_the_end_of_the_file) {
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, nullptr);
  const ForecastTable table = predict_forecast(path("run"), path("y.csv"), pool_);
  ASSERT_EQ(table.rows.size(), 6);
  EXPECT_TRUE(table.has_time);
  EXPECT_EQ(format_time(table.rows[0].time), "1962-01-01");
  EXPECT_EQ(format_time(table.rows[5].time), "1962-06-01");
  // The last test origin's forecast is what prediction gives on the file cut there.
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  const ForecastTable cut = predict_forecast(path("run"), monthly("cut.csv", 138), pool_);
  for (std::size_t j = 0; j < 6; ++j) {
    EXPECT_EQ(cut.rows[j].forecast, e.samples.back().forecast[j]);
    EXPECT_EQ(cut.rows[j].quantiles[2], e.samples.back().quantiles[2][j]);
  }
}

TEST_F(Forecast, a_stream_gives_the_numbers_of_the_file_after_every_row) {
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, nullptr);
  ForecastStream stream(path("run"), path("y.csv"), pool_);
  for (std::size_t rows = 1; rows <= 144; ++rows) {
    const std::optional<std::vector<ForecastRow>> forecast = stream.next();
    ASSERT_TRUE(forecast.has_value());
    if (rows < 3 || (rows % 31 != 0 && rows != 144)) continue;
    const ForecastTable whole = predict_forecast(path("run"), monthly("part.csv", rows), pool_);
    ASSERT_EQ(forecast->size(), whole.rows.size());
    for (std::size_t i = 0; i < whole.rows.size(); ++i) {
      EXPECT_EQ((*forecast)[i].time, whole.rows[i].time);
      EXPECT_EQ((*forecast)[i].forecast, whole.rows[i].forecast);
      EXPECT_EQ((*forecast)[i].quantiles, whole.rows[i].quantiles);
    }
  }
  EXPECT_FALSE(stream.next().has_value());
}

TEST_F(Forecast, recursive_forecasts_feed_steps_back) {
  ForecastSettings settings = small(monthly("y.csv", 144));
  settings.mode = ForecastMode::recursive;
  settings.training.epochs = 20;
  settings.training.updates_per_epoch = 50;
  settings.training.patience = 0;
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  EXPECT_TRUE(e.levels.empty());
  EXPECT_TRUE(e.beats_baselines);
  // Feeding back is what forecasting from a file that ends with the forecast does, but for its rounding in
  // the file.
  const ForecastTable six = predict_forecast(path("run"), path("y.csv"), pool_);
  std::ofstream(path("y.csv"), std::ios::app) << "1962-01," << 0 << "," << six.rows[0].forecast << "\n";
  const ForecastTable next = predict_forecast(path("run"), path("y.csv"), pool_);
  // The window moves on by a row, so the two are near, not equal.
  EXPECT_NEAR(next.rows[0].forecast, six.rows[1].forecast, 0.05 * six.rows[1].forecast);
}

TEST_F(Forecast, missing_values_by_mask) {
  ForecastSettings settings = small(monthly("y.csv", 144, true));
  EXPECT_THROW(train_forecast(settings, path("run"), pool_, nullptr), DataError);
  settings.missing = Missing::mask;
  settings.past = {"other"};
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  EXPECT_GT(e.targets[0].model.metrics.count, 0);
  EXPECT_LT(e.targets[0].model.metrics.count, 19 * 6);
  EXPECT_TRUE(std::isfinite(e.targets[0].model.metrics.mse));
  EXPECT_TRUE(std::isfinite(e.targets[0].baselines[0].metrics.mse));
}

TEST_F(Forecast, long_form_scales_each_series_by_itself) {
  std::string text = "shop,day,sales\n", other = "shop,day,sales\n";
  for (int d = 0; d < 90; ++d)
    for (const auto& [shop, level] : {std::pair{"small", 1.0}, std::pair{"large", 1000.0}}) {
      char line[96];
      std::snprintf(line, sizeof line, "%s,2020-%02d-%02d,%g\n", shop, d / 28 + 1, d % 28 + 1,
                    level * (5 + std::sin(d)));
      if (d < 28) text += line;
    }
  // 28 days a month keep the steps equal only inside January: a file of one month.
  ForecastSettings settings = small(write("shops.csv", text));
  settings.id = "shop";
  settings.split = SplitLast{4, 4};
  settings.horizon = 2;
  settings.context = 6;
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastModel model = load_forecast_model(path("run"));
  ASSERT_EQ(model.coding.series.size(), 2);
  const double ratio =
      model.coding.series.at("large").scalers[0].scale / model.coding.series.at("small").scalers[0].scale;
  EXPECT_NEAR(model.coding.log[0] != 0 ? 1000 : ratio, 1000, 1e-6 * 1000);
  const ForecastTable table = predict_forecast(path("run"), path("shops.csv"), pool_);
  ASSERT_EQ(table.rows.size(), 4);
  EXPECT_NEAR(table.rows[2].forecast / table.rows[0].forecast, 1000, 5);
  // A shop never seen is scaled by its own rows.
  for (int d = 0; d < 12; ++d)
    other += "new,2020-01-" + std::string(d < 9 ? "0" : "") + std::to_string(d + 1) + ",7\n";
  const ForecastTable unseen = predict_forecast(path("run"), write("new.csv", other), pool_);
  ASSERT_EQ(unseen.rows.size(), 2);
  EXPECT_TRUE(std::isfinite(unseen.rows[0].forecast));
}

TEST_F(Forecast, several_targets_each_with_its_own_transform) {
  ForecastSettings settings = small(monthly("y.csv", 144));
  settings.targets = {"y", "other"};
  train_forecast(settings, path("a"), pool_, nullptr);
  EXPECT_EQ(load_forecast_model(path("a")).coding.log, (std::vector<std::uint8_t>{1, 0}));
  const ForecastEvaluation e = evaluate_forecast(path("a"), std::nullopt, pool_);
  ASSERT_EQ(e.targets.size(), 2);
  EXPECT_EQ(e.targets[1].target, "other");
  EXPECT_LT(e.targets[1].model.metrics.mae, 2);     // a cosine
  EXPECT_LT(e.targets[0].model.metrics.mape, 100);  // hundreds
  train_forecast(read_settings<ForecastSettings>(path("a/run.toml")), path("b"), pool_, nullptr);
  EXPECT_EQ(bytes(path("a/model.safetensors")), bytes(path("b/model.safetensors")));
}

TEST_F(Forecast, known_covariates_reach_into_the_future) {
  // y is the covariate of the same row.
  std::string text = "promotion,y\n";
  std::uint32_t random = 1;  // a linear congruential generator: nothing to be learnt from the past
  for (int r = 0; r < 400; ++r) {
    random = random * 1664525U + 1013904223U;
    const std::string value = std::to_string(random >> 30);
    text.append(value).append(",").append(value).append("\n");
  }
  ForecastSettings settings = small(write("p.csv", text));
  settings.targets = {"y"};
  settings.known = {"promotion"};
  settings.horizon = 3;
  settings.anchor = Anchor::none;
  settings.dropout = 0;
  settings.training.epochs = 20;
  settings.training.updates_per_epoch = 50;
  settings.training.schedule.learning_rate = 0.01;
  train_forecast(settings, path("run"), pool_, nullptr);
  EXPECT_LT(evaluate_forecast(path("run"), std::nullopt, pool_).targets[0].model.metrics.mae, 0.5);
  EXPECT_THROW(predict_forecast(path("run"), path("p.csv"), pool_), DataError);
  const ForecastTable table = predict_forecast(path("run"), write("f.csv", text + "3,\n0,\n2,\n"), pool_);
  ASSERT_EQ(table.rows.size(), 3);
  EXPECT_NEAR(table.rows[0].forecast, 3, 0.5);
  EXPECT_NEAR(table.rows[1].forecast, 0, 0.5);
  EXPECT_NEAR(table.rows[2].forecast, 2, 0.5);
  EXPECT_THROW(ForecastStream(path("run"), path("p.csv"), pool_), SettingError);
}

TEST_F(Forecast, every_loss_trains_and_gaussian_gives_quantiles) {
  for (const std::string loss : {"mse", "mae", "huber", "gaussian"}) {
    ForecastSettings settings = small(monthly("y.csv", 144));
    settings.loss = loss;
    settings.training.epochs = 1;
    train_forecast(settings, path("run"), pool_, nullptr);
    const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
    EXPECT_EQ(e.levels.size(), loss == "gaussian" ? 3 : 0) << loss;
    EXPECT_TRUE(std::isfinite(e.targets[0].model.metrics.mse)) << loss;
    if (loss != "gaussian") continue;
    EXPECT_EQ(e.samples[0].quantiles[1], e.samples[0].forecast);
    EXPECT_LT(e.samples[0].quantiles[0][0], e.samples[0].forecast[0]);
  }
}

TEST_F(Forecast, another_file_is_judged_whole) {
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, nullptr);
  const ForecastEvaluation e = evaluate_forecast(path("run"), monthly("more.csv", 60), pool_);
  EXPECT_FALSE(e.test_part);
  EXPECT_EQ(e.all_origins, 60 - 12 - 6 + 1);
  EXPECT_THROW(evaluate_forecast(path("run"), monthly("short.csv", 15), pool_), DataError);
}

TEST_F(Forecast, layers_that_look_ahead_are_refused) {
  ForecastSettings settings = small(monthly("y.csv", 144));
  settings.layers = "bidirectional(lstm 4)";
  settings.hidden = ForecastSettings{}.hidden;
  settings.dropout = ForecastSettings{}.dropout;
  try {
    train_forecast(settings, path("run"), pool_, nullptr);
    FAIL() << "it was trained";
  } catch (const SettingError& error) {
    EXPECT_THAT(error.what(), HasSubstr("bidirectional"));
  }
}

TEST_F(Forecast, a_spoilt_model_file_is_refused_and_not_believed) {
  train_forecast(small(monthly("y.csv", 144)), path("run"), pool_, nullptr);
  const LoadedModel<float> good = load_model<float>(path("run/model.safetensors"));
  const auto refused = [&](const std::string& key, const std::string& text) {
    Metadata changed = good.metadata;
    changed[key] = text;
    save_model(path("bad.safetensors"), good.network, changed);
    EXPECT_THROW(load_forecast_model(path("bad.safetensors")), ModelError) << key << " = " << text;
  };
  refused("task", "classify");
  refused("settings", "");
  refused("settings", "[data]\nx = 1\n");
  refused("coding", "");
  refused("coding", "{}");
  refused("coding", "[[[[");
  refused(
      "coding",
      R"({"frequency":"monthly","log":[true],"covariates":[],"series":[{"id":"","scalers":[[0,0]],"metrics":[[1,1]]}]})");
  refused("coding", R"({"frequency":"often","log":[true],"covariates":[],"series":[]})");
  refused("coding", R"({"frequency":"monthly","log":[true,true],"covariates":[],"series":[]})");
  EXPECT_NO_THROW(load_forecast_model(path("run/model.safetensors")));
}

}  // namespace
}  // namespace carousel
