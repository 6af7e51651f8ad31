#include "data/token_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// "2: G V G / _ h _" for each sequence.
std::vector<std::string> sequences(std::string_view text, const TokenColumnsForm& form = {}) {
  TokenColumnsReader reader(text, "a.txt", form);
  std::vector<std::string> all;
  for (const TokenSequence& sequence : read_all(reader)) {
    all.push_back(fmt::format("{}: {}", sequence.line, fmt::join(sequence.symbols, " ")));
    if (!sequence.labels.empty()) all.back() += fmt::format(" / {}", fmt::join(sequence.labels, " "));
  }
  return all;
}

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

TEST(TokenColumns, ChainsBetweenMarkers) {
  EXPECT_THAT(sequences("# of proteins\n<>\nG _\nV h\nend\n<>\nM e\n<end>\n"),
              ElementsAre("3: G V / _ h", "7: M / e"));
}

TEST(TokenColumns, SentencesBetweenBlankLines) {
  EXPECT_THAT(sequences("-DOCSTART- -X- O\n\nEU NNP B-ORG\n# # O\nend NN O\n\n\nPeter NNP B-PER\n"),
              ElementsAre("3: EU # end / B-ORG O O", "8: Peter / B-PER"));
  EXPECT_THAT(sequences("a X u\r\nb Y v\r\n", {.symbol = 2, .label = 1}), ElementsAre("1: X Y / a b"));
}

TEST(TokenColumns, TabsPartColumnsThatMayHoldBlanks) {
  EXPECT_THAT(sequences("# sent_id = 1\n1\tNew York\tPROPN\n2\tis\tAUX\n\n# text = x\n1\tA\tB\n",
                        {.symbol = 2, .label = 3}),
              ElementsAre("2: New York is / PROPN AUX", "6: A / B"));
}

TEST(TokenColumns, OneColumnHasNoLabels) {
  EXPECT_THAT(sequences("the\nend\n\na\n"), ElementsAre("1: the end", "4: a"));
  EXPECT_THAT(sequences("<>\nG\nV\nend\n<>\nM\nend\nend\n"), ElementsAre("2: G V", "6: M", "8: end"));
  EXPECT_THAT(sequences("the\n", {.symbol = 1, .label = 2}), ElementsAre("1: the"));
}

TEST(TokenColumns, NothingIsNoError) {
  EXPECT_TRUE(sequences("").empty());
  EXPECT_TRUE(sequences("\n<>\nend\n# a b\n").empty());
}

TEST(TokenColumns, WhatDoesNotFitIsNamedByLine) {
  EXPECT_THAT([] { sequences("a b\nc\n"); }, refused("a.txt line 2: found 1 column, expected 2"));
  EXPECT_THAT([] { sequences("a b\nc d e\n"); }, refused("a.txt line 2: found 3 columns, expected 2"));
  EXPECT_THAT([] { sequences("a b\n", {.symbol = 1, .label = 5}); }, refused("expected column 5 as well"));
  EXPECT_THAT([] { sequences("a b\n", {.symbol = 2, .label = 0}); },
              refused("symbol and label are the same"));
  EXPECT_THAT([] { sequences("a\tb\n\tc\n"); }, refused("line 2: found nothing in column 1"));
  EXPECT_THAT([] { sequences("a b\n\xff c\n"); }, refused("line 2: found '\\xff', expected UTF-8"));
  EXPECT_THAT([] { sequences(std::string_view("a\0b", 3)); }, refused("byte 1: found a zero byte"));
  EXPECT_THROW(sequences("a b\n", {.symbol = 2, .label = 2}), SettingError);
  EXPECT_THROW(TokenColumnsReader("/nowhere/a.txt"), FileError);
}

TEST(TokenColumns, CutOffAnywhereItIsReadOrRefused) {
  const std::string whole = "<>\nG _\nV h\nend\n<>\nM e\nend\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    try {
      EXPECT_LE(sequences(std::string_view(whole).substr(0, length)).size(), 2u);
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("a.txt line ")) << length;
    }
  }
}

}  // namespace
}  // namespace carousel
