#include "data/static_features.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

SeriesSet read(std::string_view text) {
  SeriesRequest request;
  request.id = "shop";
  request.targets = {"y"};
  request.statics = {"region", "size"};
  CsvReader reader(text, "s.csv");
  return read_series(reader, request);
}

constexpr std::string_view kThree =
    "shop,region,size,y\na,north,10,1\na,north,10,2\nb,south,30,3\nc,north,20,4\nb,south,30,5\n";

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(StaticFeatures, NumbersAreScaledOverSeriesAndTextsAreOneHot) {
  const SeriesSet set = read(kThree);
  EXPECT_THAT(set.series[1].statics, ElementsAre("south", "30"));
  const std::vector<StaticFeature> features = fit_static_features(set);
  ASSERT_EQ(features.size(), 2U);
  EXPECT_THAT(features[0].categories, ElementsAre("north", "south"));
  EXPECT_EQ(features[0].inputs(), 2U);
  EXPECT_EQ(features[1].inputs(), 1U);
  // 10, 30, 20: each series once, though b has two rows. Mean 20, deviation sqrt(200 / 3).
  EXPECT_EQ(features[1].scaler.offset, 20);
  EXPECT_DOUBLE_EQ(features[1].scaler.scale, std::sqrt(200.0 / 3));
  EXPECT_THAT(static_inputs(features, set, set.series[0]),
              ElementsAre(1, 0, FloatEq(static_cast<float>(-10 / std::sqrt(200.0 / 3)))));
  EXPECT_THAT(static_inputs(features, set, set.series[1]),
              ElementsAre(0, 1, FloatEq(static_cast<float>(10 / std::sqrt(200.0 / 3)))));
}

TEST(StaticFeatures, OneNumberForAllIsNoDivisionByZero) {
  const SeriesSet set = read("shop,region,size,y\na,n,7,1\nb,n,7,2\n");
  const std::vector<StaticFeature> features = fit_static_features(set);
  EXPECT_THAT(static_inputs(features, set, set.series[0]), ElementsAre(1, 0));
}

TEST(StaticFeatures, MustBeTheSameInAllRowsOfASeries) {
  EXPECT_EQ(
      error_of([] { read("shop,region,size,y\na,north,10,1\nb,south,5,1\na,south,10,2\n"); }),
      "s.csv line 4, column 'region': found 'south' after 'north', expected the same in all rows of the "
      "series 'a'; a column that changes is a covariate");
}

TEST(StaticFeatures, WhatTrainingDidNotHaveIsRefused) {
  const SeriesSet set = read(kThree);
  const std::vector<StaticFeature> features = fit_static_features(set);
  const SeriesSet west = read("shop,region,size,y\nd,suoth,10,1\n");
  EXPECT_THAT(error_of([&] { static_inputs(features, west, west.series[0]); }),
              HasSubstr("s.csv, series 'd', static feature 'region': found 'suoth', expected a category that "
                        "training had; did you mean 'south'?"));
  const SeriesSet text = read("shop,region,size,y\nd,south,big,1\n");
  EXPECT_THAT(error_of([&] { static_inputs(features, text, text.series[0]); }),
              HasSubstr("'size': found 'big', expected a number, as in training"));
  EXPECT_THAT(error_of([] { fit_static_features(read("shop,region,size,y\nd,,10,1\n")); }),
              HasSubstr("static feature 'region': found '', expected a value"));
}

TEST(StaticFeatures, TooManyCategoriesAreRefusedBeforeTheyAreInputs) {
  std::string text = "shop,region,size,y\n";
  for (std::size_t i = 0; i <= kMostCategories; ++i)
    text += "s" + std::to_string(i) + ",r" + std::to_string(i) + ",1,1\n";
  EXPECT_THAT(error_of([&] { fit_static_features(read(text)); }),
              HasSubstr("found 1001 different texts, expected at most 1000 categories"));
}

StaticTable table(std::string_view text, const std::vector<std::string>& names = {}) {
  CsvReader reader(text, "info.csv");
  return read_static_table(reader, names);
}

TEST(StaticFeatures, ASecondFileHoldsThemBySeries) {
  SeriesRequest request;
  request.id = "shop";
  request.targets = {"y"};
  CsvReader reader(std::string_view("shop,y\nb,1\na,2\n"), "s.csv");
  SeriesSet set = read_series(reader, request);
  join_statics(table("id,kind,size\na,old,1\nb,new,2\nz,new,3\n"), set);
  EXPECT_THAT(set.static_names, ElementsAre("kind", "size"));
  EXPECT_THAT(set.series[0].statics, ElementsAre("new", "2"));
  join_statics(table("id,kind,size\na,old,1\nb,new,2\n", {"size"}), set);
  EXPECT_THAT(set.static_names, ElementsAre("size"));
  EXPECT_THAT(set.series[1].statics, ElementsAre("1"));
  EXPECT_EQ(error_of([&] { join_statics(table("id,size\na,1\n"), set); }),
            "info.csv: found no row of the series 'b', which s.csv has, expected one a series");
}

TEST(StaticFeatures, ATableWithoutFeaturesOrWithAnIdTwiceIsRefused) {
  EXPECT_THAT(error_of([] { table("id\na\n"); }), HasSubstr("found no column beside the id 'id'"));
  EXPECT_THAT(error_of([] { table("id,size\na,1\nb,2\na,3\n"); }),
              HasSubstr("info.csv line 4, column 'id': found 'a' again, expected the id of a series"));
  EXPECT_THAT(error_of([] { table("id,size\na,1\n", {"sise"}); }), HasSubstr("size"));
}

}  // namespace
}  // namespace carousel
