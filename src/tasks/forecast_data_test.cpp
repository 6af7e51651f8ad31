#include "tasks/forecast_data.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tasks/forecast.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

/// Long form: a long series, and one of three rows whose values after the first are given.
std::unique_ptr<ForecastData> with_short_series(double later) {
  const std::string path = testing::TempDir() + "carousel_forecast_data_test.csv";
  {
    std::ofstream file(path);
    file << "shop,y\n";
    for (int row = 0; row < 100; ++row) file << "long," << 10 + row % 7 << "\n";
    file << "short,5\nshort," << later << "\nshort," << 2 * later << "\n";
  }
  ForecastSettings settings;
  settings.data = path;
  settings.id = "shop";
  settings.context = 4;
  settings.transform = Transform::none;
  settings.split = SplitFractions{0.3, 0, 0.7};  // leaves the short series no row to train on
  std::unique_ptr<ForecastData> data = prepare_training_data(settings);
  std::remove(path.c_str());
  return data;
}

TEST(ForecastData, ScalersOfASeriesWithoutATrainingPartDoNotSeeItsTestPart) {
  const auto one = with_short_series(7), other = with_short_series(7000);
  ASSERT_EQ(one->splits[1].train.size(), 0U);
  ASSERT_EQ(one->splits[1].test.size(), 3U);
  const TargetScales &a = one->coding.series.at("short"), &b = other->coding.series.at("short");
  EXPECT_EQ(a.scalers, b.scalers);
  EXPECT_EQ(a.scalers[0].offset, 5);
  // There is nothing to standardise its errors by.
  EXPECT_TRUE(std::isnan(a.metrics[0].deviation));
  EXPECT_TRUE(std::isnan(a.metrics[0].mase_scale));
}

/// 120 months of a cycle that grows, the last 24 of them the test part, multiplied by `factor`.
std::string monthly(const std::string& path, double factor) {
  std::ofstream file(path);
  file << "month,other,y\n";
  for (int r = 0; r < 120; ++r) {
    const double own = r >= 96 ? factor : 1;
    const double y = own * (100 + 2 * r) * (1 + 0.3 * std::sin(r * 6.283185307179586 / 12));
    file << 1950 + r / 12 << (r % 12 < 9 ? "-0" : "-") << r % 12 + 1 << ',' << own * std::cos(r) << ',' << y
         << '\n';
  }
  return path;
}

TEST(ForecastData, NothingThatIsTrainedOrDecidedDependsOnTheTestPart) {
  const std::string folder = testing::TempDir() + "carousel_forecast_data_test";
  std::filesystem::create_directories(folder);
  ThreadPool pool(1);
  std::vector<ForecastModel> models;
  for (const double factor : {1.0, 50.0}) {
    ForecastSettings settings;  // all that can be is left open
    settings.data = monthly(folder + "/data.csv", factor);
    settings.past = {"other"};
    settings.split = SplitLast{24, 24};
    settings.horizon = 6;
    settings.training.epochs = 2;
    settings.training.updates_per_epoch = 5;
    train_forecast(settings, folder + "/run", pool, nullptr);
    models.push_back(load_forecast_model(folder + "/run"));
    models.back().coding.settings.checksum.reset();
  }
  std::filesystem::remove_all(folder);
  const ForecastCoding &a = models[0].coding, &b = models[1].coding;
  EXPECT_EQ(to_toml(a.settings), to_toml(b.settings));
  EXPECT_EQ(a.log, b.log);
  EXPECT_EQ(a.covariates, b.covariates);
  EXPECT_EQ(a.series.at("").scalers, b.series.at("").scalers);
  EXPECT_EQ(a.series.at("").metrics[0].mase_scale, b.series.at("").metrics[0].mase_scale);
  EXPECT_EQ(a.series.at("").metrics[0].deviation, b.series.at("").metrics[0].deviation);
  EXPECT_TRUE(std::ranges::equal(models[0].network.weights(), models[1].network.weights()));
}

}  // namespace
}  // namespace carousel
