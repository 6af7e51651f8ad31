#include <carousel/error.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "support/folder_test.h"
#include "tasks/forecast.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecast_model.h"
#include "tasks/forecast_prediction.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kSeries = 6, kRows = 40, kLater = 5;

/// Value `row` of series `s`: a cycle of 8 rows on a level of its own.
double value_of(int s, int row) {
  return 10 * (s + 1) + 3 * std::sin(row * 0.7853981633974483 + s) + 0.01 * (row * 37 % 11);
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

class ForecastMany : public testing::FolderTest {
 protected:
  /// Rows [begin, end) of all series, a row a series; every second one begins two rows later.
  std::string wide(const std::string& name, int begin, int end) const {
    std::string text = "id";
    for (int row = begin; row < end; ++row) text += ",v" + std::to_string(row);
    for (int s = 0; s < kSeries; ++s) {
      text += "\ns" + std::to_string(s);
      const int first = begin == 0 ? s % 2 * 2 : begin;
      for (int row = first; row < end; ++row) text += "," + number(value_of(s, row));
      for (int row = begin; row < first; ++row) text += ",";
    }
    return write(name, text + "\n");
  }
  /// The same rows, one a line.
  std::string rows(const std::string& name, int begin, int end) const {
    std::string text = "id,value\n";
    for (int s = 0; s < kSeries; ++s)
      for (int row = begin == 0 ? s % 2 * 2 : begin; row < end; ++row)
        text += "s" + std::to_string(s) + "," + number(value_of(s, row)) + "\n";
    return write(name, text);
  }

  static ForecastSettings small(const std::string& data) {
    ForecastSettings s;
    s.data = data;
    s.horizon = kLater;
    s.context = 8;
    s.season = 8;
    s.hidden = 8;
    s.dropout = 0;
    s.training.epochs = 2;
    s.training.updates_per_epoch = 10;
    s.training.batch = 16;
    s.training.patience = 0;
    return s;
  }
  ForecastSettings small_wide() const {
    ForecastSettings s = small(wide("train.csv", 0, kRows));
    s.form = SeriesForm::wide;
    s.test_data = wide("test.csv", kRows, kRows + kLater);
    return s;
  }
  ForecastEvaluation evaluation(const ForecastSettings& settings) {
    train_forecast(settings, path("run"), pool_, nullptr);
    return evaluate_forecast(path("run"), std::nullopt, pool_);
  }
  ThreadPool pool_{2};
};

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void expect_same(const ForecastEvaluation& a, const ForecastEvaluation& b) {
  EXPECT_EQ(a.origins, b.origins);
  EXPECT_EQ(a.targets[0].model.metrics.count, b.targets[0].model.metrics.count);
  EXPECT_EQ(a.targets[0].model.metrics.mse, b.targets[0].model.metrics.mse);
  EXPECT_EQ(a.targets[0].model.metrics.smape, b.targets[0].model.metrics.smape);
  ASSERT_EQ(a.targets[0].baselines.size(), b.targets[0].baselines.size());
  for (std::size_t n = 0; n < a.targets[0].baselines.size(); ++n)
    EXPECT_EQ(a.targets[0].baselines[n].metrics.smape, b.targets[0].baselines[n].metrics.smape);
}

TEST_F(ForecastMany, wide_form_and_a_test_file_give_the_numbers_of_the_long_form) {
  const ForecastEvaluation e = evaluation(small_wide());
  EXPECT_EQ(e.origins, std::size_t{kSeries});
  EXPECT_EQ(e.targets[0].model.metrics.count, std::size_t{kSeries * kLater});
  EXPECT_EQ(e.targets[0].target, "value");
  ForecastSettings longer = small(rows("all.csv", 0, kRows + kLater));
  longer.id = "id";
  longer.split = SplitLast{kLater, kLater};
  expect_same(e, evaluation(longer));
  ForecastSettings two = small(rows("first.csv", 0, kRows));
  two.id = "id";
  two.test_data = rows("then.csv", kRows, kRows + kLater);
  expect_same(e, evaluation(two));
  // The seasonal naive forecast by hand.
  double sum = 0;
  for (int s = 0; s < kSeries; ++s)
    for (int row = kRows; row < kRows + kLater; ++row) {
      const double truth = std::stod(number(value_of(s, row))),
                   naive = std::stod(number(value_of(s, row - 8)));
      sum += 200 * std::abs(truth - naive) / (truth + naive);
    }
  EXPECT_NEAR(e.targets[0].baselines[1].metrics.smape, sum / (kSeries * kLater), 1e-9);
}

TEST_F(ForecastMany, a_run_with_a_test_file_repeats_and_resumes) {
  train_forecast(small_wide(), path("a"), pool_, nullptr);
  const ForecastSettings again = read_settings<ForecastSettings>(path("a/run.toml"));
  EXPECT_EQ(to_string(*again.split), "5,0");
  EXPECT_EQ(again.id, "id");
  train_forecast(again, path("b"), pool_, nullptr);
  EXPECT_EQ(bytes(path("a/model.safetensors")), bytes(path("b/model.safetensors")));
  EXPECT_EQ(bytes(path("a/run.toml")), bytes(path("b/run.toml")));
  fs::remove(path("b/checkpoint.safetensors"));
  resume_forecast(path("b"), pool_, nullptr);
  EXPECT_EQ(bytes(path("a/model.safetensors")), bytes(path("b/model.safetensors")));
  wide("test.csv", kRows, kRows + kLater + 1);
  EXPECT_THAT(error_of([&] { evaluate_forecast(path("a"), std::nullopt, pool_); }), HasSubstr("checksum"));
  EXPECT_THAT(error_of([&] { resume_forecast(path("a"), pool_, nullptr); }), HasSubstr("checksum"));
  fs::remove(path("test.csv"));
  EXPECT_THAT(error_of([&] { evaluate_forecast(path("a"), std::nullopt, pool_); }), HasSubstr("test.csv"));
}

TEST_F(ForecastMany, a_test_file_that_is_too_short_or_of_other_series_is_refused_before_training) {
  ForecastSettings settings = small_wide();
  settings.test_data = wide("test.csv", kRows, kRows + 3);
  EXPECT_THAT(error_of([&] { train_forecast(settings, path("run"), pool_, nullptr); }),
              HasSubstr("found at most 3 rows of a series, expected at least 5"));
  settings.test_data = write("test.csv", "id,a\nother,1\n");
  EXPECT_THAT(error_of([&] { train_forecast(settings, path("run"), pool_, nullptr); }),
              HasSubstr("series 'other' is not in"));
  EXPECT_FALSE(fs::exists(path("run")));
}

TEST_F(ForecastMany, the_future_of_a_wide_file) {
  train_forecast(small_wide(), path("run"), pool_, nullptr);
  const ForecastTable table = predict_forecast(path("run"), path("train.csv"), pool_);
  ASSERT_EQ(table.rows.size(), std::size_t{kSeries * kLater});
  EXPECT_EQ(table.id_name, "id");
  EXPECT_EQ(table.rows[kLater].series, "s1");
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  for (int j = 0; j < kLater; ++j) EXPECT_EQ(table.rows[j].forecast, e.samples[0].forecast[j]);
  EXPECT_THAT(error_of([&] { ForecastStream(path("run"), path("train.csv"), pool_); }),
              HasSubstr("wide form"));
}

/// Series of two kinds, in which the next value is the known covariate, or its opposite: only the kind tells
/// which. With a context of one row the past does not.
std::string of_two_kinds(bool with_kinds, int extra) {
  std::string text = with_kinds ? "id,kind,sign,noise,y\n" : "id,sign,noise,y\n";
  std::uint32_t random = 1;  // a linear congruential generator
  const auto coin = [&] {
    random = random * 1664525U + 1013904223U;
    return random >> 31 != 0 ? 1 : -1;
  };
  for (int s = 0; s < 8; ++s) {
    const std::string begin = "s" + std::to_string(s) + "," +
                              (with_kinds ? std::string(s % 2 == 0 ? "same," : "opposite,") : std::string());
    for (int row = 0; row < 60 + extra; ++row) {
      const int sign = coin();
      text += begin + std::to_string(sign) + ",";
      if (row < 60) text += std::to_string(coin()) + "," + std::to_string(s % 2 == 0 ? sign : -sign);
      text += row < 60 ? "\n" : ",\n";
    }
  }
  return text;
}

ForecastSettings with_kinds(ForecastSettings settings) {
  settings.id = "id";
  settings.targets = {"y"};
  settings.past = {"noise"};
  settings.known = {"sign"};
  settings.split = SplitLast{6, 6};
  settings.horizon = 1;
  settings.context = 1;
  settings.season = 0;
  settings.anchor = Anchor::none;
  settings.hidden = 16;
  settings.training.epochs = 20;
  settings.training.updates_per_epoch = 50;
  settings.training.schedule.learning_rate = 0.02;
  return settings;
}

TEST_F(ForecastMany, static_features_and_covariates_tell_series_apart) {
  ForecastSettings settings = with_kinds(small(write("k.csv", of_two_kinds(true, 0))));
  const double without = evaluation(settings).targets[0].model.metrics.mae;
  settings.statics = {"kind"};
  const ForecastEvaluation e = evaluation(settings);
  EXPECT_GT(without, 0.5);
  EXPECT_LT(e.targets[0].model.metrics.mae, 0.1);
  EXPECT_EQ(load_forecast_model(path("run")).coding.statics[0].categories,
            (std::vector<std::string>{"opposite", "same"}));
  const ForecastTable next = predict_forecast(path("run"), write("next.csv", of_two_kinds(true, 1)), pool_);
  ASSERT_EQ(next.rows.size(), 8U);
  for (const ForecastRow& row : next.rows) EXPECT_NEAR(std::abs(row.forecast), 1, 0.2);
  EXPECT_THAT(error_of([&] {
                predict_forecast(path("run"),
                                 write("x.csv", "id,kind,sign,noise,y\ns,other,1,1,1\ns,other,1,,\n"), pool_);
              }),
              HasSubstr("static feature 'kind': found 'other', expected a category that training had"));
}

TEST_F(ForecastMany, a_file_of_static_features_gives_the_numbers_of_their_columns) {
  ForecastSettings settings = with_kinds(small(write("k.csv", of_two_kinds(true, 0))));
  settings.statics = {"kind"};
  settings.training.epochs = 2;
  const ForecastEvaluation columns = evaluation(settings);
  settings.data = write("plain.csv", of_two_kinds(false, 0));
  std::string table = "shop,kind\n";
  for (int s = 7; s >= 0; --s) table += "s" + std::to_string(s) + (s % 2 == 0 ? ",same\n" : ",opposite\n");
  settings.static_data = write("kinds.csv", table);
  settings.statics = {};
  expect_same(columns, evaluation(settings));
  EXPECT_EQ(read_settings<ForecastSettings>(path("run/run.toml")).statics,
            (std::vector<std::string>{"kind"}));
  fs::remove(path("kinds.csv"));  // the model knows them
  expect_same(columns, evaluate_forecast(path("run"), std::nullopt, pool_));
  EXPECT_THAT(error_of([&] {
                evaluate_forecast(path("run"), write("x.csv", "id,sign,noise,y\nnew,1,1,1\n"), pool_);
              }),
              HasSubstr("found no row of the series 'new'"));
}

TEST_F(ForecastMany, a_stream_with_static_features_gives_the_numbers_of_the_file) {
  ForecastSettings settings = small(rows("first.csv", 0, kRows));
  settings.id = "id";
  settings.split = SplitLast{kLater, 0};
  std::string table = "id,size\n";
  for (int s = 0; s < kSeries; ++s) table += "s" + std::to_string(s) + "," + std::to_string(s * s) + "\n";
  settings.static_data = write("sizes.csv", table);
  train_forecast(settings, path("run"), pool_, nullptr);
  const ForecastTable whole = predict_forecast(path("run"), path("first.csv"), pool_);
  ForecastStream stream(path("run"), path("first.csv"), pool_);
  std::vector<ForecastRow> last;
  while (auto next = stream.next()) last = std::move(*next);
  for (std::size_t j = 0; j < last.size(); ++j)
    EXPECT_EQ(last[j].forecast, whole.rows[(kSeries - 1) * kLater + j].forecast);
}

TEST_F(ForecastMany, scaled_by_their_windows_series_of_any_size_are_forecast_alike) {
  ForecastSettings settings = small(rows("first.csv", 0, kRows));
  settings.id = "id";
  settings.split = SplitLast{kLater, 0};
  settings.scaling = Scaling::window;
  for (const ForecastMode mode : {ForecastMode::direct, ForecastMode::recursive}) {
    settings.mode = mode;
    train_forecast(settings, path("run"), pool_, nullptr);
    EXPECT_EQ(load_forecast_model(path("run")).coding.settings.transform, Transform::none);
    std::string one = "id,value\n", other = one;
    for (int row = 0; row < 12; ++row) {
      const double value = 3 + row % 5;
      one += "new," + number(value) + "\n";
      other += "new," + number(1024 * value) + "\n";
    }
    const ForecastTable a = predict_forecast(path("run"), write("one.csv", one), pool_);
    const ForecastTable b = predict_forecast(path("run"), write("other.csv", other), pool_);
    // A power of two changes no bit of a fraction.
    for (std::size_t j = 0; j < a.rows.size(); ++j) EXPECT_EQ(b.rows[j].forecast, 1024 * a.rows[j].forecast);
  }
}

TEST_F(ForecastMany, rolling_origins_are_scored_one_by_one) {
  std::string text = "y\n";
  for (int row = 0; row < 120; ++row) text += std::to_string(row + 1) + "\n";
  ForecastSettings settings = small(write("line.csv", text));
  settings.split = SplitLast{10, 24};
  settings.origins = 4;
  settings.stride = 6;
  const ForecastEvaluation e = evaluation(settings);
  ASSERT_EQ(e.rolling.size(), 4U);
  EXPECT_EQ(e.origins, 4U);
  EXPECT_EQ(e.rolling[0].rows_left, 23U);
  EXPECT_EQ(e.rolling[3].rows_left, 5U);
  const TargetEvaluation& target = e.targets[0];
  EXPECT_EQ(target.model.metrics.count, 20U);
  ASSERT_EQ(target.by_origin.size(), 4U);
  double sum = 0;
  for (const OriginScore& origin : target.by_origin) {
    EXPECT_EQ(origin.model.count, 5U);
    EXPECT_NEAR(origin.baselines[0].mae, 3, 1e-9);  // naive: 1, 2, ... 5 behind
    EXPECT_NEAR(origin.baselines[2].mae, 0, 1e-9);  // drift
    sum += origin.model.mse;
  }
  EXPECT_NEAR(target.model.metrics.mse, sum / 4, 1e-9 * sum);
  // Every place of the test part, one by one, is what is judged without rolling origins.
  const ForecastEvaluation all = evaluate_forecast(path("run"), std::nullopt, pool_, {}, Backtest{20, 1});
  const ForecastEvaluation plain = evaluate_forecast(path("run"), std::nullopt, pool_, {}, Backtest{});
  EXPECT_TRUE(plain.rolling.empty());
  EXPECT_EQ(plain.origins, 20U);
  EXPECT_EQ(all.targets[0].model.metrics.mse, plain.targets[0].model.metrics.mse);
  EXPECT_THAT(error_of([&] {
                evaluate_forecast(path("run"), std::nullopt, pool_, {}, Backtest{21, 1});
              }),
              HasSubstr("at most 20 fit"));
}

TEST_F(ForecastMany, a_spoilt_list_of_static_features_is_refused) {
  ForecastSettings settings = with_kinds(small(write("k.csv", of_two_kinds(true, 0))));
  settings.statics = {"kind"};
  settings.training.epochs = 1;
  settings.training.updates_per_epoch = 1;
  train_forecast(settings, path("run"), pool_, nullptr);
  const LoadedModel<float> good = load_model<float>(path("run/model.safetensors"));
  const auto refused = [&](const std::string& from, const std::string& to) {
    Metadata changed = good.metadata;
    std::string& coding = changed["coding"];
    const std::size_t place = coding.find(from);
    ASSERT_NE(place, std::string::npos) << coding;
    coding.replace(place, from.size(), to);
    save_model(path("bad.safetensors"), good.network, changed);
    EXPECT_THROW(load_forecast_model(path("bad.safetensors")), ModelError) << to;
  };
  refused("\"kind\"", "\"other\"");
  refused("[\"opposite\",\"same\"]", "[\"same\",\"opposite\"]");
  refused("[\"opposite\",\"same\"]", "7");
  refused("\"statics\"", "\"statistics\"");
  refused("\"statics\"", "\"static_table\":{\"source\":\"\",\"rows\":{}},\"statics\"");
}

TEST_F(ForecastMany, a_mixture_finds_both_ends_of_what_may_come) {
  // The next value is 1 or -1, whatever was before.
  std::string text = "y\n";
  std::uint32_t random = 1;
  for (int r = 0; r < 400; ++r) {
    random = random * 1664525U + 1013904223U;
    text += random >> 31 != 0 ? "1\n" : "-1\n";
  }
  ForecastSettings settings = small(write("coin.csv", text));
  settings.horizon = 1;
  settings.loss = "mixture";
  settings.loss_options.components = 2;
  settings.anchor = Anchor::none;
  settings.dropout = 0;
  settings.training.epochs = 10;
  settings.training.updates_per_epoch = 50;
  settings.training.patience = 0;
  settings.training.schedule.learning_rate = 0.01;
  train_forecast(settings, path("run"), pool_, nullptr);
  EXPECT_THAT(load_forecast_model(path("run")).coding.spec(), HasSubstr("mixture 2 outputs=1"));
  const ForecastEvaluation e = evaluate_forecast(path("run"), std::nullopt, pool_);
  EXPECT_EQ(e.levels, (std::vector<double>{0.1, 0.5, 0.9}));
  for (const ForecastSample& sample : e.samples) {
    EXPECT_NEAR(sample.quantiles[0][0], -1, 0.2);
    EXPECT_NEAR(sample.quantiles[2][0], 1, 0.2);
    EXPECT_NEAR(sample.quantiles[1][0], sample.forecast[0], 1e-6);  // the median is the forecast
  }
}

}  // namespace
}  // namespace carousel
