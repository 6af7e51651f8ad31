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

TEST(ForecastSettings, names_are_each_others_inverse) {
  for (const auto value : {Anchor::automatic, Anchor::none, Anchor::last, Anchor::seasonal})
    EXPECT_EQ(parse_anchor(name(value)), value);
  for (const auto value : {Transform::automatic, Transform::none, Transform::log})
    EXPECT_EQ(parse_transform(name(value)), value);
  for (const auto value : {ForecastMode::direct, ForecastMode::recursive})
    EXPECT_EQ(parse_forecast_mode(name(value)), value);
  for (const auto value : {Missing::error, Missing::interpolate, Missing::mask})
    EXPECT_EQ(parse_missing(name(value)), value);
  for (const auto value : {DateOrder::find_out, DateOrder::day_first, DateOrder::month_first})
    EXPECT_EQ(parse_date_order(name(value)), value);
}

}  // namespace
}  // namespace carousel
