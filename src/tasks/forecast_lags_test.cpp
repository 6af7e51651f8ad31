// Forecasts with lagged targets, end to end: what only they can know is learned, a stream gives the bits of
// the file, and files that are too short for a lag, or older than lags, are dealt with.
#include <carousel/error.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "support/folder_test.h"
#include "tasks/forecast.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecast_model.h"
#include "tasks/forecast_prediction.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ForecastLags : public testing::FolderTest {
 protected:
  /// `period` random values from 0 to 1, again and again; which ones, the stream says.
  std::string repeated(const std::string& name, std::size_t rows, std::size_t period, std::uint64_t stream) {
    std::ofstream file(path(name));
    file << "y\n";
    const Random random(3, stream);
    for (std::size_t row = 0; row < rows; ++row) file << random.uniform(row % period) << "\n";
    return path(name);
  }
  /// A wave, of which some values are missing.
  std::string wave(const std::string& name, std::size_t rows) {
    std::ofstream file(path(name));
    file << "y\n";
    for (std::size_t row = 0; row < rows; ++row) {
      const double t = static_cast<double>(row);
      if (row % 17 == 5)
        file << "NA\n";
      else
        file << 10 + std::sin(t / 4) + std::cos(t / 23) << "\n";
    }
    return path(name);
  }
  /// Of the wave: one epoch.
  ForecastSettings small() {
    ForecastSettings s;
    s.data = wave("wave.csv", 260);
    s.missing = Missing::mask;
    s.split = SplitLast{12, 24};
    s.horizon = 6;
    s.context = 12;
    s.lags = {100, 7};
    s.hidden = 8;
    s.training.epochs = 1;
    s.training.updates_per_epoch = 10;
    s.training.batch = 16;
    return s;
  }

  ThreadPool pool_{2};
};

// Judged on another file with the same period and other values, which cannot have been learnt by heart. The
// mean absolute error of the best constant is 0.25.
TEST_F(ForecastLags, what_comes_again_after_a_lag_is_learned_with_it_and_not_without) {
  ForecastSettings settings;
  settings.data = repeated("a.csv", 600, 40, 1);
  const std::string other = repeated("b.csv", 400, 40, 2);
  settings.split = SplitLast{12, 24};
  settings.horizon = 3;
  settings.context = 8;
  settings.loss = "mae";
  settings.anchor = Anchor::none;
  settings.hidden = 16;
  settings.dropout = 0;
  settings.training.epochs = 12;
  settings.training.updates_per_epoch = 50;
  settings.training.schedule.learning_rate = 0.01;
  const auto error = [&] {
    train_forecast(settings, path("run"), pool_, nullptr);
    return evaluate_forecast(path("run"), other, pool_).targets[0].model.metrics.mae;
  };
  EXPECT_GT(error(), 0.2);
  settings.lags = {40};
  // The first tenth of the file has nothing a lag before it.
  EXPECT_LT(error(), 0.06);
  settings.mode = ForecastMode::recursive;
  EXPECT_LT(error(), 0.06);
}

TEST_F(ForecastLags, a_stream_gives_the_numbers_of_the_file_also_while_it_is_shorter_than_a_lag) {
  for (const ForecastMode mode : {ForecastMode::direct, ForecastMode::recursive})
    for (const Scaling scaling : {Scaling::standard, Scaling::window}) {
      ForecastSettings settings = small();
      settings.mode = mode;
      settings.scaling = scaling;
      train_forecast(settings, path("run"), pool_, nullptr);
      ForecastStream stream(path("run"), settings.data, pool_);
      for (std::size_t rows = 1; rows <= 260; ++rows) {
        const std::optional<std::vector<ForecastRow>> forecast = stream.next();
        ASSERT_TRUE(forecast.has_value());
        if (rows % 37 != 3 && rows != 260) continue;
        const ForecastTable whole = predict_forecast(path("run"), wave("part.csv", rows), pool_);
        ASSERT_EQ(forecast->size(), whole.rows.size());
        for (std::size_t i = 0; i < whole.rows.size(); ++i) {
          EXPECT_TRUE(std::isfinite(whole.rows[i].forecast)) << rows;
          EXPECT_EQ((*forecast)[i].forecast, whole.rows[i].forecast) << rows;
          EXPECT_EQ((*forecast)[i].quantiles, whole.rows[i].quantiles) << rows;
        }
      }
    }
}

// A value that only a lag can see makes a difference as long as the lag reaches it.
TEST_F(ForecastLags, a_forecast_sees_the_rows_a_lag_before_it) {
  train_forecast(small(), path("run"), pool_, nullptr);
  const auto forecast = [&](std::size_t changed) {
    std::ofstream file(path("changed.csv"));
    file << "y\n";
    for (std::size_t row = 0; row < 200; ++row) file << (row == changed ? 30 : 10 + std::sin(row)) << "\n";
    file.close();
    return predict_forecast(path("run"), path("changed.csv"), pool_).rows[0].forecast;
  };
  // The window shows rows 188 to 199; of each the six rows after it are seen, 100 and 7 rows before.
  const double unchanged = forecast(200);
  EXPECT_EQ(forecast(88), unchanged);
  EXPECT_NE(forecast(89), unchanged);
  EXPECT_NE(forecast(105), unchanged);
  EXPECT_EQ(forecast(106), unchanged);
  EXPECT_EQ(forecast(181), unchanged);
  EXPECT_NE(forecast(182), unchanged);
}

TEST_F(ForecastLags, longer_than_all_training_rows_are_refused) {
  ForecastSettings settings = small();
  settings.lags = {218};  // 260 rows less 12 and 24, less the horizon
  EXPECT_NO_THROW(train_forecast(settings, path("run"), pool_, nullptr));
  settings.lags = {7, 219};
  EXPECT_THAT(
      [&] { train_forecast(settings, path("no"), pool_, nullptr); },
      ThrowsMessage<SettingError>(HasSubstr(
          "lags: found 219, expected at most 218, the rows of the longest training part (224) less")));
  EXPECT_FALSE(fs::exists(path("no")));
}

TEST_F(ForecastLags, a_model_file_that_says_nothing_of_them_has_none) {
  ForecastSettings settings = small();
  settings.lags.clear();
  train_forecast(settings, path("run"), pool_, nullptr);
  LoadedModel<float> model = load_model<float>(path("run/model.safetensors"));
  std::string& text = model.metadata.at("settings");
  const std::string line = "lags = []\n";
  ASSERT_NE(text.find(line), std::string::npos);
  text.erase(text.find(line), line.size());
  save_model(path("old.safetensors"), model.network, model.metadata);
  const ForecastTable now = predict_forecast(path("run"), settings.data, pool_);
  const ForecastTable old = predict_forecast(path("old.safetensors"), settings.data, pool_);
  ASSERT_EQ(old.rows.size(), now.rows.size());
  for (std::size_t i = 0; i < old.rows.size(); ++i) EXPECT_EQ(old.rows[i].forecast, now.rows[i].forecast);
}

}  // namespace
}  // namespace carousel
