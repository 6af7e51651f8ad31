#include "tasks/translate_data.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "support/folder_test.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string word(std::size_t number) {
  std::string text;
  for (std::size_t left = number; text.empty() || left > 0; left /= 7)
    text += static_cast<char>('a' + left % 7);
  return text;
}

class TranslateDataTest : public testing::FolderTest {
 protected:
  void SetUp() override {
    std::string text;
    for (std::size_t i = 0; i < 500; ++i) text += word(i) + '\t' + word(i) + " x\n";
    // Every third has a second target, far behind the first.
    for (std::size_t i = 0; i < 500; i += 3) text += word(i) + '\t' + "other\n";
    write_file(path("p.tsv"), text);
    settings_.data = path("p.tsv");
    settings_.split = SplitFractions{0.8, 0.1, 0.1};
    settings_.target_unit = LineUnit::token;
  }
  TranslateSettings settings_;
};

TEST_F(TranslateDataTest, AllTargetsOfASourceStandTogetherInOnePart) {
  for (const SplitOrder order : {SplitOrder::hash, SplitOrder::file}) {
    settings_.split_order = order;
    const TranslateData data = prepare_translate_data(settings_);
    ASSERT_EQ(data.examples.size(), 500u);
    EXPECT_EQ(data.parts.train.size(), 400u);
    EXPECT_EQ(data.parts.test.size(), 50u);
    std::set<std::vector<std::string>> sources;
    std::size_t two = 0;
    for (const TranslateExample& example : data.examples) {
      EXPECT_TRUE(sources.insert(example.source).second);
      two += example.targets.size() == 2;
      EXPECT_EQ(example.targets.front(),
                (std::vector<std::string>{line_text(example.source, LineUnit::character), "x"}));
    }
    EXPECT_EQ(two, 167u);
  }
}

TEST_F(TranslateDataTest, PartsAreInOrderOfTheFileOrAlike) {
  settings_.split_order = SplitOrder::file;
  const TranslateData in_order = prepare_translate_data(settings_);
  for (std::size_t i = 0; i < 500; ++i)
    EXPECT_EQ(line_text(in_order.examples[i].source, LineUnit::character), word(i));
  settings_.split_order = SplitOrder::hash;
  const TranslateData hashed = prepare_translate_data(settings_);
  // Long words, the last ones of the file, are spread over the parts like all: 157 of 500 have four letters.
  const auto share = [](std::span<const TranslateExample> examples) {
    return static_cast<double>(std::ranges::count_if(
               examples, [](const TranslateExample& e) { return e.source.size() == 4; })) /
           static_cast<double>(examples.size());
  };
  EXPECT_NEAR(share(hashed.part(hashed.parts.train)), 157.0 / 500, 0.03);
  EXPECT_NEAR(share(hashed.part(hashed.parts.test)), 157.0 / 500, 0.2);
  EXPECT_EQ(share(in_order.part(in_order.parts.test)), 1);
}

/// The place of a source depends on its text, not on where the file has it.
TEST_F(TranslateDataTest, AFileInAnotherOrderHasTheSameParts) {
  const TranslateData data = prepare_translate_data(settings_);
  std::string text;
  for (std::size_t i = 500; i-- > 0;) text += word(i) + '\t' + word(i) + " x\n";
  write_file(path("p.tsv"), text);
  const TranslateData turned = prepare_translate_data(settings_);
  for (std::size_t i = 0; i < 500; ++i) EXPECT_EQ(turned.examples[i].source, data.examples[i].source);
}

TEST_F(TranslateDataTest, VocabulariesAreOfTheTrainingPart) {
  settings_.split_order = SplitOrder::file;
  settings_.split = SplitCounts{3, 1, 2};
  settings_.training.batch = 0;
  const TranslateData data = prepare_translate_data(settings_);
  EXPECT_THAT(data.coding.sources.symbols(), ElementsAre("\xEF\xBF\xBD", "a", "b", "c"));
  EXPECT_THAT(data.coding.targets.symbols(), ElementsAre("\xEF\xBF\xBD", "a", "b", "c", "other", "x"));
  const SymbolPairs test = numbered(data.part(data.parts.test), data.coding);
  ASSERT_EQ(test.size(), 2u);  // "e", "f"
  EXPECT_THAT(test.sources[0], ElementsAre(Vocabulary::kUnknown));
  EXPECT_THAT(test.targets[0], ElementsAre(Vocabulary::kUnknown, 5));
  const SymbolPairs training = numbered(data.part(data.parts.train), data.coding);
  ASSERT_EQ(training.size(), 4u);
  EXPECT_THAT(training.sources[1], ElementsAre(1));
  EXPECT_THAT(training.targets[1], ElementsAre(4));  // the other one of "a"
  EXPECT_EQ(data.coding.settings.longest, 2u + 1 + 1);
  EXPECT_EQ(data.coding.settings.training.batch, 1u);
}

TEST_F(TranslateDataTest, WhatIsDecidedIsKeptWhenReadAgain) {
  settings_.dropout = 0.5;
  const TranslateData data = prepare_translate_data(settings_);
  EXPECT_EQ(data.coding.settings.encoder, "bidirectional(lstm 128), dropout 0.5");
  EXPECT_EQ(data.coding.settings.decoder, "lstm 128, dropout 0.5");
  const TranslateData again = prepare_translate_data(data.coding.settings);
  EXPECT_EQ(again.coding.spec(), data.coding.spec());
  const TranslateData own = read_own_pairs(data.coding);
  EXPECT_EQ(own.examples.size(), data.examples.size());
  EXPECT_EQ(own.parts, data.parts);
}

TEST_F(TranslateDataTest, FilesOfLinesAreAsGoodAsPairs) {
  const TranslateData pairs = prepare_translate_data(settings_);
  std::string sources, targets;
  BadExampleList refused;
  for (const LinePair& pair : read_line_pairs(ByteSource(settings_.data), "", InvalidText::error, refused)) {
    sources += pair.source + '\n';
    targets += pair.target + '\n';
  }
  write_file(path("s.txt"), sources);
  write_file(path("t.txt"), targets);
  settings_.data = path("s.txt");
  settings_.target_file = path("t.txt");
  const TranslateData files = prepare_translate_data(settings_);
  ASSERT_EQ(files.examples.size(), pairs.examples.size());
  for (std::size_t i = 0; i < files.examples.size(); ++i) {
    EXPECT_EQ(files.examples[i].source, pairs.examples[i].source);
    EXPECT_EQ(files.examples[i].targets, pairs.examples[i].targets);
  }
  EXPECT_TRUE(files.coding.settings.target_checksum.has_value());
  write_file(path("t.txt"), targets + "\n");
  EXPECT_THAT([&] { read_own_pairs(files.coding); },
              ThrowsMessage<DataError>(HasSubstr("t.txt: found checksum")));
}

TEST_F(TranslateDataTest, WithoutATrainingPartThereIsNoVocabulary) {
  settings_.split = SplitCounts{0, 100, 100};
  EXPECT_THAT([&] { prepare_translate_data(settings_); }, ThrowsMessage<Error>(HasSubstr("training")));
  write_file(path("p.tsv"), "");
  settings_.split = SplitFractions{0.8, 0.1, 0.1};
  EXPECT_THAT([&] { prepare_translate_data(settings_); },
              ThrowsMessage<DataError>(HasSubstr("found 0 different sources")));
}

}  // namespace
}  // namespace carousel
