#include "data/pen_strokes.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

std::vector<PenSample> points(std::string_view text, const PenPointColumns& columns = {}) {
  CsvReader file(text, "pen.csv");
  return read_pen_points(file, columns);
}

std::vector<PenSample> rows(std::string_view text, const PenRowColumns& columns) {
  CsvReader file(text, "pen.csv");
  return read_pen_rows(file, columns);
}

TEST(PenStrokes, OnePointARow) {
  const std::vector<PenSample> read =
      points("id,x,y,up,letter\na,1,2,0,L\na,3,2,1,L\nb,0,0.5,1,I\n", {.label = "letter"});
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, "a");
  EXPECT_EQ(read[0].label, "L");
  EXPECT_EQ(read[0].line, 2u);
  EXPECT_THAT(read[0].points, ElementsAre(PenPoint{1, 2, false}, PenPoint{3, 2, true}));
  EXPECT_EQ(read[1].line, 4u);
  EXPECT_THAT(read[1].points, ElementsAre(PenPoint{0, 0.5f, true}));
  EXPECT_EQ(points("x;y;up;id\n1,5;2;1;7\n")[0].points[0], (PenPoint{1.5f, 2, true}));
}

TEST(PenStrokes, OneSampleARow) {
  // A column without a name has its number as one.
  const std::vector<PenSample> read =
      rows("\"\",\"c1\",\"c2\",\"c3\",\"c4\",\"class\"\n\"1\",47,100,27,81,8\n\"2\",0,89,27,100,2\n",
           {.label = "class", .id = "column1"});
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, "1");
  EXPECT_EQ(read[0].label, "8");
  EXPECT_THAT(read[0].points, ElementsAre(PenPoint{47, 100, false}, PenPoint{27, 81, true}));
  EXPECT_EQ(read[1].line, 3u);
}

TEST(PenStrokes, WithoutAHeader) {
  const std::vector<PenSample> read = rows("47,100,27,81,8\n0,89,27,100,2\n", {.label = "column5", .id = ""});
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].label, "8");
  EXPECT_EQ(read[0].id, "");
  EXPECT_THAT(read[1].points, ElementsAre(PenPoint{0, 89, false}, PenPoint{27, 100, true}));
}

TEST(PenStrokes, FeaturesAreMovesInUnitsOfTheLargerSide) {
  const std::vector<PenPoint> pen = {{10, 20, false}, {14, 20, true}, {14, 12, true}};
  const Array features = pen_features(pen);
  EXPECT_EQ(features.shape, (Shape{3, 3}));
  EXPECT_THAT(features.values, ElementsAre(0, 0, 0, 0.5f, 0, 1, 0, -1, 1));
  std::vector<PenPoint> larger = pen;
  for (PenPoint& point : larger) point = {point.x * 8 - 64, point.y * 8 + 32, point.up};
  EXPECT_EQ(pen_features(larger), features);
}

TEST(PenStrokes, NoMoveAndNoPoint) {
  EXPECT_THAT(pen_features(std::vector<PenPoint>(2, {5, 5, true})).values, ElementsAre(0, 0, 1, 0, 0, 1));
  EXPECT_EQ(pen_features({}).shape, (Shape{0, 3}));
  const float most = std::numeric_limits<float>::max();
  EXPECT_THAT(pen_features(std::vector<PenPoint>{{-most, 0, false}, {most, 0, true}}).values,
              ElementsAre(0, 0, 0, 1, 0, 1));
}

TEST(PenStrokes, WhatDoesNotFitIsNamed) {
  EXPECT_THAT([] { points("id,x,y,up\na,1,2,0\na,1,,0\n"); },
              refused("pen.csv line 3, column 'y': found ''"));
  EXPECT_THAT([] { points("id,x,y,up\na,1,2,0\na,1,nan,0\n"); }, refused("line 3, column 'y': found 'nan'"));
  EXPECT_THAT([] { points("id,x,y,up\na,1,2,0\na,1e39,1,0\n"); },
              refused("line 3, column 'x': found '1e39'"));
  EXPECT_THAT([] { points("id,x,y,up\na,1,2,0\na,1,1,2\n"); },
              refused("line 3, column 'up': found '2', expected 0 or 1"));
  EXPECT_THAT([] { points("id,x,y,up,l\na,1,2,0,L\na,1,1,1,M\n", {.label = "l"}); },
              refused("line 3, column 'l': found 'M', expected 'L'"));
  EXPECT_THAT([] { points("id,x,y,up\na,1,2,0\n\xff,1,1,1\n"); },
              refused("line 3, column 'id': found '\\xff', expected UTF-8"));
  EXPECT_THAT([] { points("id,x,up\na,1,0\n"); }, testing::Throws<SettingError>());
  EXPECT_THAT([] { rows("1,2,3\n4,5,6\n", {}); }, refused("found 3 columns of coordinates"));
  EXPECT_THAT([] { rows("1\n4\n", {.label = "column1", .id = ""}); },
              refused("found 0 columns of coordinates"));
}

}  // namespace
}  // namespace carousel
