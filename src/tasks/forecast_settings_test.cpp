#include "tasks/forecast_settings.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <functional>
#include <limits>

namespace carousel {
namespace {

using testing::HasSubstr;

std::string refusal(const std::function<void(ForecastSettings&)>& change) {
  ForecastSettings settings;
  settings.data = "x.csv";
  change(settings);
  try {
    check_settings(settings);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "";
}

TEST(ForecastSettings, standard_values_are_legal) {
  EXPECT_EQ(refusal([](ForecastSettings&) {}), "");
}

TEST(ForecastSettings, what_cannot_be_done_is_refused_by_name) {
  EXPECT_THAT(refusal([](auto& s) { s.data = ""; }), HasSubstr("data"));
  EXPECT_THAT(refusal([](auto& s) { s.data = "\xff"; }), HasSubstr("data"));
  EXPECT_THAT(refusal([](auto& s) { s.horizon = 0; }), HasSubstr("horizon: found 0, expected 1 to"));
  EXPECT_THAT(refusal([](auto& s) { s.context = 0; }), HasSubstr("context"));
  EXPECT_THAT(refusal([](auto& s) { s.training.batch = 0; }), HasSubstr("batch"));
  EXPECT_THAT(refusal([](auto& s) { s.dropout = 1; }), HasSubstr("dropout"));
  EXPECT_THAT(refusal([](auto& s) { s.layers = "lstm ("; }), HasSubstr("layers: spec, column 7"));
  EXPECT_THAT(refusal([](auto& s) { s.loss = "mes"; }), HasSubstr("mse"));
  EXPECT_THAT(refusal([](auto& s) { s.training.optimizer.name = "adm"; }), HasSubstr("adam"));
  EXPECT_THAT(refusal([](auto& s) { s.training.schedule.learning_rate = -1; }), HasSubstr("learning_rate"));
  EXPECT_THAT(refusal([](auto& s) { s.training.clip_norm = std::numeric_limits<double>::quiet_NaN(); }),
              HasSubstr("clip_norm"));
  EXPECT_EQ(refusal([](auto& s) { s.training.clip_norm = -1; }),
            "clip_norm: found -1, expected a number of at least 0");
  EXPECT_THAT(refusal([](auto& s) { s.training.seed = ~std::uint64_t{0}; }), HasSubstr("seed"));
}

TEST(ForecastSettings, combinations_that_make_no_sense_are_refused_with_the_way_out) {
  EXPECT_THAT(refusal([](auto& s) {
                s.loss = "quantile";
                s.loss_options.quantiles = {0.1, 0.9};
              }),
              HasSubstr("0.5"));
  EXPECT_THAT(refusal([](auto& s) { s.loss_options.quantiles = {0.1, 0.9}; }), HasSubstr("0.5"));
  EXPECT_THAT(refusal([](auto& s) { s.loss = "cross_entropy"; }), HasSubstr("is for classes"));
  EXPECT_THAT(refusal([](auto& s) { s.loss = "ctc"; }), HasSubstr("is for symbols"));
  EXPECT_THAT(refusal([](auto& s) {
                s.loss = "quantile";
                s.mode = ForecastMode::recursive;
              }),
              HasSubstr("use mode direct"));
  EXPECT_THAT(refusal([](auto& s) {
                s.layers = "lstm 8";
                s.hidden = 16;
              }),
              HasSubstr("write hidden and dropout into it"));
  EXPECT_THAT(refusal([](auto& s) {
                s.anchor = Anchor::seasonal;
                s.season = 0;
              }),
              HasSubstr("season"));
}

TEST(ForecastSettings, files_and_columns_that_do_not_go_together_are_refused) {
  EXPECT_THAT(refusal([](auto& s) {
                s.test_data = "later.csv";
                s.split = SplitLast{4, 4};
                s.horizon = 6;
              }),
              HasSubstr("split: 4,4 has a test part, and test_data brings one; give the rows for validation "
                        "alone, e.g. 6,0"));
  EXPECT_THAT(refusal([](auto& s) { s.test_data = "-"; }), HasSubstr("test_data: standard input"));
  EXPECT_THAT(refusal([](auto& s) { s.statics = {"region"}; }), HasSubstr("static: "));
  EXPECT_THAT(refusal([](auto& s) { s.static_data = "shops.csv"; }), HasSubstr("name the column with --id"));
  const auto wide = [](auto change) {
    return refusal([&](auto& s) {
      s.form = SeriesForm::wide;
      change(s);
    });
  };
  EXPECT_EQ(wide([](auto& s) { s.statics = {"region"}; }), "");
  EXPECT_THAT(wide([](auto& s) { s.past = {"p"}; }), HasSubstr("past: form wide"));
  EXPECT_THAT(wide([](auto& s) { s.known = {"k"}; }), HasSubstr("known: form wide"));
  EXPECT_THAT(wide([](auto& s) { s.time = "t"; }), HasSubstr("time: form wide"));
  EXPECT_THAT(wide([](auto& s) { s.targets = {"a", "b"}; }), HasSubstr("targets: form wide"));
}

TEST(ForecastSettings, scales_losses_and_origins_that_make_no_sense_are_refused) {
  EXPECT_THAT(refusal([](auto& s) {
                s.scaling = Scaling::window;
                s.transform = Transform::log;
              }),
              HasSubstr("use scaling none with transform log"));
  EXPECT_THAT(refusal([](auto& s) {
                s.loss = "mixture";
                s.mode = ForecastMode::recursive;
              }),
              HasSubstr("loss: mixture in a recursive forecast"));
  EXPECT_EQ(refusal([](auto& s) { s.loss = "mixture"; }), "");
  EXPECT_THAT(refusal([](auto& s) { s.loss_options.components = 0; }), HasSubstr("components: found 0"));
  EXPECT_THAT(refusal([](auto& s) { s.stride = 6; }),
              HasSubstr("stride: is the distance of rolling origins"));
}

TEST(ForecastSettings, lags_reach_back_to_what_is_known) {
  const auto lags = [](std::vector<std::size_t> values, ForecastMode mode = ForecastMode::direct) {
    return refusal([&](auto& s) {
      s.horizon = 5;
      s.mode = mode;
      s.lags = values;
    });
  };
  EXPECT_EQ(lags({5, 336}), "");
  for (const ForecastMode mode : {ForecastMode::direct, ForecastMode::recursive})
    EXPECT_THAT(lags({48, 4}, mode),
                HasSubstr("lags: found 4, expected at least 5 (the horizon), so that the value is known"));
  EXPECT_EQ(lags({48, 336, 48}), "lags: found 48 twice, expected each once");
  EXPECT_THAT(lags({std::size_t{1} << 40}), HasSubstr("lags: found 1099511627776, expected 5 to"));
  EXPECT_EQ(lags(std::vector<std::size_t>(1001, 7)), "lags: found 1001 of them, expected at most 1000");
}

TEST(ForecastSettings, the_standard_split_leaves_the_test_part_to_a_test_file) {
  ForecastSettings s;
  s.horizon = 48;
  EXPECT_EQ(to_string(standard_split(s)), "0.7,0.1,0.2");
  EXPECT_TRUE(has_test_part(s));
  s.split = SplitLast{48, 0};
  EXPECT_FALSE(has_test_part(s));
  s.test_data = "later.csv";
  EXPECT_TRUE(has_test_part(s));
  EXPECT_EQ(to_string(standard_split(s)), "48,0");
}

TEST(ForecastSettings, names_are_each_others_inverse) {
  for (const auto value : {Anchor::automatic, Anchor::none, Anchor::last, Anchor::seasonal})
    EXPECT_EQ(parse_anchor(name(value)), value);
  for (const auto value : {Transform::automatic, Transform::none, Transform::log})
    EXPECT_EQ(parse_transform(name(value)), value);
  for (const auto value : {ForecastMode::direct, ForecastMode::recursive})
    EXPECT_EQ(parse_forecast_mode(name(value)), value);
  for (const auto value : {Missing::error, Missing::interpolate, Missing::mask})
    EXPECT_EQ(parse_missing(name(value)), value);
  for (const auto value : {SeriesForm::long_form, SeriesForm::wide})
    EXPECT_EQ(parse_series_form(name(value)), value);
  for (const auto value : {DateOrder::find_out, DateOrder::day_first, DateOrder::month_first})
    EXPECT_EQ(parse_date_order(name(value)), value);
}

}  // namespace
}  // namespace carousel
