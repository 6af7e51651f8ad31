#include "tasks/translate_settings.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/settings_file.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(TranslateSettings, TextAndSettingsAreEachOthersInverse) {
  TranslateSettings all;
  all.data = "a \"b\"\n.tsv";
  all.checksum = "fnv1a64:0123456789abcdef";
  all.target_file = "c.txt";
  all.target_checksum = "fnv1a64:0";
  all.invalid = InvalidText::replace;
  all.split = SplitCounts{10, 2, 3};
  all.split_order = SplitOrder::file;
  all.source_unit = LineUnit::token;
  all.target_unit = LineUnit::word;
  all.vocabulary = 77;
  all.beam = 9;
  all.longest = 31;
  all.encoder = "lstm 8, pyramid";
  all.attention_width = 7;
  all.bridge = "none";
  all.sampling = 0.25;
  all.embedding = 5;
  all.hidden = 6;
  all.dropout = 0.25;
  all.training.epochs = 3;
  all.training.seed = 12;
  for (const TranslateSettings& settings : {TranslateSettings{}, all}) {
    const std::string text = to_toml(settings);
    const auto again = from_toml<TranslateSettings>(text, "run.toml");
    EXPECT_EQ(to_toml(again), text);
    EXPECT_EQ(again.data, settings.data);
    EXPECT_EQ(again.target_file, settings.target_file);
    EXPECT_EQ(again.target_checksum, settings.target_checksum);
    EXPECT_EQ(again.split_order, settings.split_order);
    EXPECT_EQ(again.source_unit, settings.source_unit);
    EXPECT_EQ(again.target_unit, settings.target_unit);
    EXPECT_EQ(again.longest, settings.longest);
    EXPECT_EQ(again.encoder, settings.encoder);
    EXPECT_EQ(again.decoder, settings.decoder);
    EXPECT_EQ(again.attention_width, settings.attention_width);
    EXPECT_EQ(again.bridge, settings.bridge);
    EXPECT_EQ(again.sampling, settings.sampling);
    EXPECT_EQ(again.hidden, settings.hidden);
    EXPECT_EQ(again.training.seed, settings.training.seed);
  }
  const auto tables = from_toml<TranslateSettings>(
      "[network]\ndecoder = [{kind = \"lstm\", hidden = 7}, {kind = \"dropout\", rate = 0.5}]\n", "run.toml");
  EXPECT_EQ(tables.decoder, "lstm hidden=7, dropout rate=0.5");
}

TEST(TranslateSettings, WhatCannotBeIsRefusedByName) {
  const auto refuses = [](auto change, const char* message) {
    TranslateSettings settings;
    settings.data = "a.tsv";
    change(settings);
    EXPECT_THAT([&] { check_settings(settings); }, ThrowsMessage<SettingError>(HasSubstr(message)));
  };
  refuses([](auto& s) { s.data = ""; }, "data: found nothing");
  refuses([](auto& s) { s.target_file = ""; }, "target_file: found nothing");
  refuses([](auto& s) { s.vocabulary = std::size_t{1} << 40; }, "vocabulary: found 1099511627776");
  refuses([](auto& s) { s.target_unit = LineUnit::piece, s.vocabulary = 256; },
          "expected 257 or more of pieces");
  refuses([](auto& s) { s.beam = 0; }, "beam: found 0, expected 1 to 1000");
  refuses([](auto& s) { s.encoder = "lstm (4"; }, "encoder: ");
  refuses([](auto& s) { s.decoder = "lstm (4"; }, "decoder: ");
  refuses([](auto& s) { s.encoder = s.decoder = "lstm 4", s.dropout = 0.5; }, "hidden: encoder and decoder");
  refuses([](auto& s) { s.attention = "multiplicativ"; }, "did you mean 'multiplicative'?");
  refuses([](auto& s) { s.attention = "dot", s.attention_width = 4; }, "attention_width: dot has no width");
  refuses([](auto& s) { s.bridge = "tan"; }, "did you mean 'tanh'?");
  refuses([](auto& s) { s.sampling = 1.5; }, "sampling: found 1.5");
  refuses([](auto& s) { s.dropout = 1; }, "dropout: found 1");
  refuses([](auto& s) { s.training.recompute = true; }, "recompute: ");
  refuses([](auto& s) { s.training.updates_per_epoch = 4; }, "updates_per_epoch: ");
  EXPECT_THAT([] { parse_line_unit("tokn"); }, ThrowsMessage<SettingError>(HasSubstr("'token'")));
  EXPECT_THAT([] { parse_split_order("has"); }, ThrowsMessage<SettingError>(HasSubstr("'hash'")));
}

}  // namespace
}  // namespace carousel
