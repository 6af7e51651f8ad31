#include "lab/reber.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace carousel::lab {
namespace {

const std::string kLetters = "BTPSXVE";

std::string text(const ReberString& string) {
  std::string letters;
  for (const std::uint8_t symbol : string.symbols) letters += kLetters[symbol];
  return letters;
}

/// The Reber grammar as its picture shows it: node by node, what leads from it.
bool in_grammar(const std::string& inner) {
  const std::map<int, std::map<char, int>> nodes = {{0, {{'T', 1}, {'P', 2}}},
                                                    {1, {{'S', 1}, {'X', 3}}},
                                                    {2, {{'T', 2}, {'V', 4}}},
                                                    {3, {{'X', 2}, {'S', 5}}},
                                                    {4, {{'P', 3}, {'V', 5}}}};
  int node = 0;
  for (const char letter : inner.substr(1, inner.size() - 2)) {
    if (node == 5 || !nodes.at(node).contains(letter)) return false;
    node = nodes.at(node).at(letter);
  }
  return inner.front() == 'B' && inner.back() == 'E' && node == 5;
}

TEST(Reber, StringsAreOfTheGrammarAndTellWhatMayCome) {
  for (const char* known : {"BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPXTVVE"})
    EXPECT_TRUE(in_grammar(known)) << known;
  std::map<std::string, std::set<char>> came;  // behind each beginning of a string
  std::vector<ReberString> strings;
  for (std::uint64_t draw = 0; draw < 20'000; ++draw) {
    strings.push_back(embedded_reber(Random(1, draw)));
    const std::string string = text(strings.back());
    ASSERT_TRUE(in_grammar(string.substr(2, string.size() - 4))) << string;
    ASSERT_EQ(string[1], string[string.size() - 2]);
    ASSERT_EQ(string.size(), strings.back().legal.size());
    for (std::size_t t = 1; t < string.size() && t < 7; ++t) came[string.substr(0, t)].insert(string[t]);
  }
  EXPECT_GE(came.size(), 20u);
  for (const ReberString& string : strings)
    for (std::size_t t = 0; t + 1 < string.symbols.size() && t < 6; ++t) {
      std::set<char> legal;
      for (std::size_t symbol = 0; symbol < kReberSymbols; ++symbol)
        if ((string.legal[t] >> symbol & 1) != 0) legal.insert(kLetters[symbol]);
      ASSERT_EQ(legal, came.at(text(string).substr(0, t + 1)));
    }
}

TEST(Reber, EveryLegalSymbolMustBeAboveEveryOther) {
  const double y[kReberSymbols] = {0.1, 0.5, 0.4, 0.3, 0, 0, 0.3};
  EXPECT_TRUE(tells_legal(y, 0b110));
  EXPECT_TRUE(tells_legal(y, 0b10));
  EXPECT_FALSE(tells_legal(y, 0b100));
  EXPECT_FALSE(tells_legal(y, 0b1110));  // another one is as active as the least of them
}

}  // namespace
}  // namespace carousel::lab
