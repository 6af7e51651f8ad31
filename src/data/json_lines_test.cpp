#include "data/json_lines.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

JsonSample sample(std::string_view line) { return JsonLinesReader(line, "a.jsonl").next().value(); }

void read_lines(std::string_view text) {
  JsonLinesReader reader(text, "a.jsonl");
  while (reader.next()) {
  }
}

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

TEST(JsonLines, StepsOfSeveralNumbers) {
  const JsonSample read =
      sample(R"({"id": "s1", "x": [[1, 2.5], [-3, 4e0]], "y": "walk", "split": "train"})");
  EXPECT_EQ(read.line, 1u);
  EXPECT_EQ(read.id, "s1");
  EXPECT_EQ(read.split, "train");
  EXPECT_EQ(read.steps, 2u);
  EXPECT_EQ(read.features, 2u);
  EXPECT_THAT(read.x, ElementsAre(1, 2.5f, -3, 4));
  EXPECT_EQ(std::get<std::string>(read.y), "walk");
}

TEST(JsonLines, StepsOfOneNumber) {
  const JsonSample read = sample(R"({"x": [1, 2, 3], "id": 7})");
  EXPECT_EQ(read.steps, 3u);
  EXPECT_EQ(read.features, 1u);
  EXPECT_THAT(read.x, ElementsAre(1, 2, 3));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read.y));
  EXPECT_EQ(read.id, "7");
  EXPECT_EQ(sample(R"({"x": []})").steps, 0u);
}

TEST(JsonLines, EveryKindOfTarget) {
  EXPECT_EQ(std::get<float>(sample(R"({"x": [1], "y": -2})").y), -2);
  EXPECT_EQ(std::get<float>(sample(R"({"x": [1], "y": 0.1})").y), 0.1f);
  EXPECT_THAT(std::get<std::vector<std::string>>(sample(R"({"y": ["a", "b"], "x": [1]})").y),
              ElementsAre("a", "b"));
  EXPECT_THAT(std::get<std::vector<float>>(sample(R"({"x": [1], "y": [1, 2.5]})").y), ElementsAre(1, 2.5f));
  EXPECT_TRUE(std::get<std::vector<std::string>>(sample(R"({"x": [1], "y": []})").y).empty());
}

TEST(JsonLines, OtherMembersAreReadOver) {
  const JsonSample read =
      sample(R"({"meta": {"x": 1, "y": [[]], "id": null}, "x": [1], "n": null, "b": [true]})");
  EXPECT_THAT(read.x, ElementsAre(1));
  EXPECT_TRUE(read.id.empty());
}

TEST(JsonLines, LineByLine) {
  JsonLinesReader reader("{\"x\": [1]}\n\n  \r\n{\"x\": [2]}\n", "a.jsonl");
  EXPECT_EQ(reader.next()->line, 1u);
  const std::optional<JsonSample> second = reader.next();
  EXPECT_EQ(second->line, 4u);
  EXPECT_THAT(second->x, ElementsAre(2));
  EXPECT_FALSE(reader.next().has_value());
}

TEST(JsonLines, WhatDoesNotFitIsNamedByLineAndKey) {
  const auto lines = [](std::string_view text) { return [text] { read_lines(text); }; };
  EXPECT_THAT(lines("{\"x\": [1]}\n{\"y\": 1}"), refused("a.jsonl line 2: found no \"x\""));
  EXPECT_THAT(lines("[1]"), refused("line 1: found a list, expected an object"));
  EXPECT_THAT(lines("3"), refused("line 1: found a number, expected an object"));
  EXPECT_THAT(lines("{\"x\": [1]} {\"x\": [1]}"), refused("column 12: not valid JSON"));
  EXPECT_THAT(lines("{\"x\": [1], \"y\": \"\xff\"}"), refused("not valid JSON"));
  EXPECT_THAT(lines("{\"x\": [NaN]}"), refused("column 8: not valid JSON"));
  EXPECT_THAT(lines("{\"x\": [1e400]}"), refused("not valid JSON (number overflow"));
  EXPECT_THAT(lines("{\"x\": [1e40]}"),
              refused("\"x\": found 1e40, expected a number within a float's range"));
  EXPECT_THAT(lines("{\"x\": [null]}"), refused("\"x\": found null, expected a list of numbers"));
  EXPECT_THAT(lines("{\"x\": [true]}"), refused("\"x\": found true"));
  EXPECT_THAT(lines("{\"x\": 1}"), refused("\"x\": found 1, expected a list"));
  EXPECT_THAT(lines("{\"x\": \"1\"}"), refused("\"x\": found '1', expected a list"));
  EXPECT_THAT(lines("{\"x\": [[[1]]]}"), refused("\"x\": found a list"));
  EXPECT_THAT(lines("{\"x\": {\"a\": 1}}"), refused("\"x\": found an object"));
  EXPECT_THAT(lines("{\"x\": [1, [2]]}"), refused("numbers beside lists of numbers"));
  EXPECT_THAT(lines("{\"x\": [[1], 2]}"), refused("numbers beside lists of numbers"));
  EXPECT_THAT(lines("{\"x\": [[]]}"), refused("\"x\": found steps without numbers"));
  EXPECT_THAT(lines("{\"x\": [[1, 2], [3]]}"), refused("\"x\": step 2 has 1 numbers, expected 2"));
  EXPECT_THAT(lines("{\"x\": [1], \"x\": [1]}"), refused("\"x\": is there twice"));
  EXPECT_THAT(lines("{\"x\": [1], \"y\": null}"), refused("\"y\": found null, expected a text, a number"));
  EXPECT_THAT(lines("{\"x\": [1], \"y\": [\"a\", 1]}"),
              refused("\"y\": found 1 in a list of the other kind"));
  EXPECT_THAT(lines("{\"x\": [1], \"y\": [1, \"a\"]}"), refused("\"y\": found a text in a list"));
  EXPECT_THAT(lines("{\"x\": [1], \"y\": [[1]]}"), refused("\"y\": found a list"));
  EXPECT_THAT(lines("{\"x\": [1], \"id\": 1.5}"), refused("\"id\": found 1.5, expected a text or a whole"));
  EXPECT_THAT(lines("{\"x\": [1], \"split\": 1}"), refused("\"split\": found 1, expected a text"));
  EXPECT_THROW(JsonLinesReader("/nowhere/a.jsonl"), FileError);
}

TEST(JsonLines, DepthIsBounded) {
  const std::string deep(100000, '[');
  EXPECT_THAT([&] { read_lines("{\"x\": [1], \"other\": " + deep); },
              refused("\"other\": found more than 32 lists and objects"));
  EXPECT_THAT([&] { read_lines(deep); }, refused("found a list, expected an object"));
}

TEST(JsonLines, CutOffAnywhereIsRefused) {
  const std::string whole = R"({"id": 3, "x": [[1, 2.5], [3, 4]], "y": ["a"], "split": "train"})";
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_THAT([&] { read_lines(std::string_view(whole).substr(0, length)); }, refused("a.jsonl line 1: "));
}

}  // namespace
}  // namespace carousel
