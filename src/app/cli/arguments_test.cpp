#include "app/cli/arguments.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

namespace carousel::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ParseCount, WholeNumbersInRange) {
  EXPECT_EQ(parse_count("--n", "0"), 0U);
  EXPECT_EQ(parse_count("--n", "010"), 10U) << "decimal, whatever it begins with";
  EXPECT_EQ(parse_count("--n", "18446744073709551615"), 18446744073709551615U);
  for (const char* wrong : {"", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x10", "18446744073709551616"})
    EXPECT_THAT([&] { parse_count("--n", wrong); },
                ThrowsMessage<SettingError>(HasSubstr("--n: expected a whole number")))
        << wrong;
  EXPECT_THAT([] { parse_count("--n", "0", 1); },
              ThrowsMessage<SettingError>(HasSubstr("at least 1, found '0'")));
  EXPECT_THAT([] { parse_count("--n", "9", 1, 4); }, ThrowsMessage<SettingError>(HasSubstr("from 1 to 4")));
}

TEST(ParseReal, FiniteNumbers) {
  EXPECT_EQ(parse_real("--x", "1e-3"), 0.001);
  EXPECT_EQ(parse_real("--x", "-.5"), -0.5);
  for (const char* wrong : {"", "nan", "inf", "1,5", "1x", "1e999"})
    EXPECT_THAT([&] { parse_real("--x", wrong); }, ThrowsMessage<SettingError>(HasSubstr("--x"))) << wrong;
}

TEST(ParseDuration, Units) {
  EXPECT_EQ(parse_duration("--t", "90"), 90);
  EXPECT_EQ(parse_duration("--t", "90s"), 90);
  EXPECT_EQ(parse_duration("--t", "5m"), 300);
  EXPECT_EQ(parse_duration("--t", "1.5h"), 5400);
  EXPECT_EQ(parse_duration("--t", "1h30m"), 5400);
  EXPECT_EQ(parse_duration("--t", "1m30s"), 90);
  EXPECT_EQ(parse_duration("--t", "2h0m1.5s"), 7201.5);
  for (const char* wrong : {"", "s", "5 m", "-5m", "5d", "nan", "inf", "1e400h", "1h30", "30m1h", "1m1m",
                            "1h-5m", "1m30s ", "h30m"})
    EXPECT_THAT([&] { parse_duration("--t", wrong); }, ThrowsMessage<SettingError>(HasSubstr("--t")))
        << wrong;
}

TEST(ParseList, Names) {
  EXPECT_THAT(parse_list("--target", "a,b c"), ElementsAre("a", "b c"));
  for (const char* wrong : {"", ",", "a,", ",a", "a,,b"})
    EXPECT_THAT([&] { parse_list("--target", wrong); }, ThrowsMessage<SettingError>(HasSubstr("--target")))
        << wrong;
}

TEST(HelpText, NoLineIsWiderThanTheTerminal) {
  CLI::App program("A program that does things with a description of some length.", "program");
  Commands commands;
  add_train(program, commands);
  for (const Command& command : commands)
    for (std::size_t width = 40; width <= 100; width += 3) {
      std::string text = help_text(*command.parser, width, false);
      text.resize(text.find("\nExamples"));
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        const std::size_t length = std::min(text.find('\n', at), text.size()) - at;
        EXPECT_LE(length, width) << text.substr(at, length);
        if (text.find('\n', at) == std::string::npos) break;
      }
    }
}

}  // namespace
}  // namespace carousel::cli
