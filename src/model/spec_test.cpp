#include "model/spec.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace carousel {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const SettingError& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_error(const std::string& text) {
  return error_of([&] { parse_spec(text); });
}

LayerSpec one(const std::string& text) { return parse_spec(text).at(0); }

// A builder as it would be written for two kinds.
void build(const std::vector<LayerSpec>& layers) {
  const std::vector<std::string> kinds = {"lstm", "bidirectional", "flatten"};
  for (const LayerSpec& layer : layers) {
    LayerReader read(layer);
    if (layer.kind == "lstm") {
      read.integer("hidden", 1, 4096);
      read.option_number("zoneout", 0, 1, 0);
      read.option_flag("layer_norm", false);
    } else if (layer.kind == "bidirectional") {
      build(read.layers(1));
      read.option_word("merge", {"concat", "sum", "mean"}, "concat");
    } else if (layer.kind != "flatten") {
      refuse_kind(layer, kinds);
    }
    read.finish();
  }
}

std::string build_error(const std::string& text) {
  return error_of([&] { build(parse_spec(text)); });
}

TEST(Spec, ReadsLayersValuesAndOptions) {
  const auto layers =
      parse_spec("lstm 128, dropout 0.1 , residual( lstm 64 clip = 3 , dense 64 relu)scale=-0.5,dense 1");
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(layers[0].kind, "lstm");
  ASSERT_EQ(layers[0].values.size(), 1u);
  EXPECT_EQ(layers[0].values[0].text, "128");
  EXPECT_EQ(layers[0].values[0].position, 5u);
  EXPECT_EQ(layers[1].values[0].text, "0.1");
  EXPECT_EQ(layers[2].position, 24u);
  ASSERT_EQ(layers[2].layers.size(), 2u);
  EXPECT_EQ(layers[2].layers[0].options[0].name, "clip");
  EXPECT_EQ(layers[2].layers[0].options[0].value.text, "3");
  EXPECT_EQ(layers[2].layers[1].values[1].text, "relu");
  EXPECT_EQ(layers[2].options[0].name, "scale");
  EXPECT_EQ(layers[2].options[0].value.text, "-0.5");
  EXPECT_EQ(layers[3].kind, "dense");
}

TEST(Spec, WritesTheCanonicalText) {
  EXPECT_EQ(
      to_text(parse_spec(" lstm\n 128,dropout\t0.10 ,bidirectional ( lstm 64 ) merge =sum,dense x=1 2")),
      "lstm 128, dropout 0.10, bidirectional(lstm 64) merge=sum, dense 2 x=1");
  EXPECT_EQ(to_text(one("reversed(reversed(rnn 1, rnn 2), dense 3)")),
            "reversed(reversed(rnn 1, rnn 2), dense 3)");
}

TEST(Spec, SurvivesTheWayThroughText) {
  for (const char* text : {"lstm 128", "a(b(c(d)), e 1 2 w k=v) 3 x=y", "f 1e-3 -2 +4 a.b 3x3 u:v/w"}) {
    const auto layers = parse_spec(text);
    EXPECT_EQ(to_text(layers), text);
    EXPECT_EQ(parse_spec(to_text(layers)), layers);
  }
}

TEST(Spec, IsEqualByContentAndNotByPlace) {
  EXPECT_EQ(one("lstm 8 a=1"), one("  lstm   8   a = 1"));
  EXPECT_NE(one("lstm 8"), one("lstm 9"));
  EXPECT_NE(one("lstm 8"), one("rnn 8"));
  EXPECT_NE(one("lstm 8 a=1"), one("lstm 8 b=1"));
  EXPECT_NE(one("r(lstm 8)"), one("r(lstm 9)"));
}

TEST(Spec, NamesTheColumnOfWhatIsNotASpec) {
  EXPECT_THAT(parse_error(""), HasSubstr("spec, column 1: is empty, expected layers such as"));
  EXPECT_THAT(parse_error("lstm 8,"),
              HasSubstr("spec, column 8: found the end, expected the name of a layer"));
  EXPECT_THAT(parse_error("lstm 8, 16"),
              HasSubstr("spec, column 9: found \"16\", expected the name of a layer"));
  EXPECT_THAT(parse_error("r(lstm 8"), HasSubstr("spec, column 2: this '(' is never closed; add a ')'"));
  EXPECT_THAT(parse_error("lstm 8)"), HasSubstr("spec, column 7: found ')' without a '(' before it"));
  EXPECT_THAT(parse_error("r()"), HasSubstr("spec, column 3: found nothing in the parentheses"));
  EXPECT_THAT(parse_error("lstm a= , b"),
              HasSubstr("spec, column 9: found ',', expected the value of option \"a\""));
  EXPECT_THAT(parse_error("lstm 8 a=1 a=2"), HasSubstr("spec, column 12: lstm: option \"a\" is given twice"));
  EXPECT_THAT(parse_error("lstm 8 (rnn 1)"),
              HasSubstr("spec, column 8: found '(', expected it right after \"lstm\""));
  EXPECT_THAT(parse_error("lstm \xe2\x80\x93"),
              HasSubstr("spec, column 6: found byte 0xe2, expected a value"));
}

TEST(Spec, HasLimits) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "r(";
    return text + "lstm 1" + std::string(depth, ')');
  };
  EXPECT_EQ(parse_spec(nested(kMaxSpecDepth)).size(), 1u);
  EXPECT_THAT(parse_error(nested(kMaxSpecDepth + 1)), HasSubstr("parentheses more than 16 deep"));
  EXPECT_THAT(parse_error(std::string(kMaxSpecBytes + 1, ' ')),
              HasSubstr("bytes long, expected at most 65536"));
  // Fits as it stands, but not with the blank that its canonical text has.
  EXPECT_THAT(parse_error("a," + std::string(kMaxSpecBytes - 2, 'b')), HasSubstr("is 65537 bytes long"));
  std::string many = "a";
  for (int i = 0; i < 999; ++i) many += ",a";
  EXPECT_EQ(parse_spec(many).size(), 1000u);
  EXPECT_THAT(parse_error(many + ",a"), HasSubstr("more than 1000 layers"));
}

TEST(LayerReader, ReadsByPlaceAndByName) {
  const LayerSpec layer = one("conv 3x3 relu channels=16 rate=2.5e-1 bias=off");
  LayerReader read(layer);
  EXPECT_EQ(read.integer("channels", 1, 64), 16u);
  EXPECT_EQ(read.word("kernel", {"1x1", "3x3"}), "3x3");
  EXPECT_EQ(read.word("activation", {"tanh", "relu"}, "tanh"), "relu");
  EXPECT_EQ(read.number("rate", 0, 1), 0.25);
  EXPECT_EQ(read.number("leak", 0, 1, 0.5), 0.5);
  EXPECT_EQ(read.integer("stride", 1, 8, 2), 2u);
  EXPECT_FALSE(read.option_flag("bias", true));
  EXPECT_TRUE(read.option_flag("norm", true));
  EXPECT_EQ(read.option_integer("groups", 1, 4, 1), 1u);
  EXPECT_TRUE(read.has_option("rate"));
  EXPECT_FALSE(read.has_option("groups"));
  read.finish();
}

TEST(LayerReader, SaysWhatWouldWork) {
  EXPECT_EQ(build_error("lstm 8, lsmt 16"), "spec, column 9: unknown layer \"lsmt\"; did you mean \"lstm\"?");
  EXPECT_EQ(build_error("transformer"),
            "spec, column 1: unknown layer \"transformer\"; expected one of lstm, bidirectional, flatten");
  EXPECT_EQ(build_error("lstm"),
            "spec, column 1: lstm: hidden is missing; write \"lstm ... hidden=VALUE\" or give it by place");
  EXPECT_EQ(build_error("lstm 0"),
            "spec, column 6: lstm: hidden is \"0\", expected a whole number from 1 to 4096");
  EXPECT_EQ(
      build_error("lstm 99999999999999999999999"),
      "spec, column 6: lstm: hidden is \"99999999999999999999999\", expected a whole number from 1 to 4096");
  EXPECT_EQ(build_error("lstm 8 9"), "spec, column 8: lstm: found \"9\", expected no further value here");
  EXPECT_EQ(build_error("lstm 8 zoenout=0.1"),
            "spec, column 8: lstm: unknown option \"zoenout\"; did you mean \"zoneout\"?");
  EXPECT_EQ(build_error("lstm 8 peephole=full"),
            "spec, column 8: lstm: unknown option \"peephole\"; expected one of hidden, zoneout, layer_norm");
  EXPECT_EQ(build_error("lstm 8 layer_norm=yes"),
            "spec, column 8: lstm: layer_norm is \"yes\", expected one of on, off");
  EXPECT_EQ(build_error("lstm 8 zoneout=nan"),
            "spec, column 8: lstm: zoneout is \"nan\", expected a number from 0 to 1");
  EXPECT_EQ(build_error("lstm(lstm 8) 8"), "spec, column 6: lstm takes no layers in parentheses");
  EXPECT_EQ(
      build_error("bidirectional lstm"),
      "spec, column 1: bidirectional: expected layers in parentheses, such as \"bidirectional(lstm 64)\"");
  EXPECT_EQ(build_error("bidirectional(lstm 8, lstm 9)"),
            "spec, column 23: bidirectional: found 2 layers in the parentheses, expected at most 1");
  EXPECT_EQ(build_error("bidirectional(lstm 8) merge=max"),
            "spec, column 23: bidirectional: merge is \"max\", expected one of concat, sum, mean");
  EXPECT_EQ(build_error("flatten a=1"), "spec, column 9: flatten: unknown option \"a\"; it has none");
}

TEST(LayerReader, RefusesForTheBuilder) {
  const LayerSpec layer = one(" lstm 8 projection=9");
  LayerReader read(layer);
  read.integer("hidden", 1, 64);
  read.option_integer("projection", 1, 64, 1);
  EXPECT_EQ(error_of([&] { read.refuse("projection", "is larger than hidden (8)"); }),
            "spec, column 9: lstm: projection: is larger than hidden (8)");
  EXPECT_EQ(error_of([&] { read.refuse("cannot follow an embedding"); }),
            "spec, column 2: lstm: cannot follow an embedding");
}

}  // namespace
}  // namespace carousel
