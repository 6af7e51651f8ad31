// What the page about a model of text shows of an evaluation made up here.
#include "app/report/language_page.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace carousel::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

/// A text of two pieces.
LanguagePage page(std::vector<LanguageRecording> recordings) {
  LanguagePage page;
  page.run_name = "tales";
  LanguageEvaluation& evaluation = page.evaluation;
  evaluation.model = {"model", 1, 1, 1.44, 2.7};
  evaluation.baselines = {{"pairs", 2, 2, 2.9, 7.4}};
  evaluation.excerpt = {"a", "<"};
  evaluation.losses = {std::nan(""), 0.5};
  evaluation.recordings = std::move(recordings);
  return page;
}

const Section& section(const Report& report, const std::string& title) {
  return *std::ranges::find(report.sections, title, &Section::title);
}

std::vector<std::string> names(const ChoiceText& text) {
  std::vector<std::string> all;
  for (const ChoiceText::Choice& choice : text.choices) all.push_back(choice.name);
  return all;
}

TEST(LanguagePage, GatesOfAUnitAndOfAllColourTheText) {
  const Report report = language_page(page({{"layers.1", "i", 2, {1, 0.5, 0.75, 0.25}},
                                            {"layers.1", "f", 2, {0, 1, 0.5, 0.5}},
                                            {"layers.1", "g", 2, {-1, 1, 1, -1}},
                                            {"layers.1", "o", 2, {0.5, 0.5, 0.5, 0.5}},
                                            {"layers.1", "c", 2, {0, 1, 0, 5}}}));
  const auto& texts = section(report, "Its gates over the text").choice_texts;
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].title, "layers.1");
  EXPECT_THAT(texts[0].rows, ElementsAre("input gate", "forget gate", "output gate"));
  EXPECT_THAT(names(texts[0]), ElementsAre("mean of all", "unit 2", "unit 1"));  // by how much c changes
  EXPECT_THAT(texts[0].choices[0].values, ElementsAre(1, -1, -1, 1, 0, 0));
  EXPECT_THAT(texts[0].choices[1].values, ElementsAre(DoubleEq(0.5), DoubleEq(-0.5), 0, 0, 0, 0));
  EXPECT_THAT(texts[0].choices[2].values, ElementsAre(1, 0, -1, 1, 0, 0));
}

TEST(LanguagePage, AGruHasGatesAndCellsOfABlockShareThem) {
  const Report report = language_page(page({{"layers.1", "n", 1, {0, 1}},
                                            {"layers.1", "z", 1, {0.5, 1}},
                                            {"layers.1", "r", 1, {0, 0.5}},
                                            {"layers.2", "i", 1, {0, 1}},
                                            {"layers.2", "c", 2, {0, 1, 0, 2}}}));
  const auto& texts = section(report, "Its gates over the text").choice_texts;
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_THAT(texts[0].rows, ElementsAre("update gate", "reset gate"));
  EXPECT_THAT(texts[0].choices[1].values, ElementsAre(0, 1, -1, 0));
  EXPECT_THAT(names(texts[1]), ElementsAre("mean of all", "unit 2", "unit 1"));
  EXPECT_EQ(texts[1].choices[1].values, texts[1].choices[2].values);
}

TEST(LanguagePage, WhatOpensAndShutsNothingIsNoGate) {
  const Report report = language_page(page({{"layers.1", "i", 1, {-3, 12}},
                                            {"layers.1", "o", 1, {0, 1}},
                                            {"layers.2", "z", 1, {0, 1}},
                                            {"layers.2", "c", 1, {0, 1}}}));
  const auto& texts = section(report, "Its gates over the text").choice_texts;
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_THAT(texts[0].rows, ElementsAre("output gate"));
}

TEST(LanguagePage, WithoutGatesThereIsNoSectionOfThem) {
  const std::string html = render(language_page(page({{"layers.1", "h", 1, {0, 1}}})));
  EXPECT_THAT(html, HasSubstr("Inside the network"));
  EXPECT_THAT(html, testing::Not(HasSubstr("Its gates over the text")));
}

}  // namespace
}  // namespace carousel::report
