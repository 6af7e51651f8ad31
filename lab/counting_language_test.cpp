// What is legal where, and a network made by hand that counts.
#include "lab/counting_language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace carousel::lab {
namespace {

/// "S:a a:ab b:T": what is read, and what may follow.
std::string told(const Batch<double>& batch, const std::string& inputs, const std::string& outputs) {
  std::string text;
  for (std::size_t t = 0; t < batch.x.layout().length(0); ++t) {
    double ones = 0;
    for (std::size_t j = 0; j < inputs.size(); ++j) {
      ones += batch.x.at(0, t)[j];
      if (batch.x.at(0, t)[j] == 1) text += inputs[j];
    }
    EXPECT_EQ(ones, 1);
    text += ':';
    for (std::size_t j = 0; j < outputs.size(); ++j)
      if (batch.targets.at(0, t)[j] == 1) text += outputs[j];
    text += ' ';
  }
  return text;
}

TEST(CountingLanguage, SaysWhatIsReadAndWhatMayFollow) {
  std::map<std::size_t, std::string> two, three;
  const CountingStrings of_two(CountingLanguage(2), 3, 40, 1), of_three(CountingLanguage(3), 2, 40, 1);
  for (std::size_t k = 0; k < 40; ++k) {
    const Batch<double> a = of_two.get(0, k), b = of_three.get(0, k);
    two[a.x.layout().length(0)] = told(a, "Sab", "abT");
    three[b.x.layout().length(0)] = told(b, "Sabc", "abcT");
  }
  EXPECT_EQ(
      two, (std::map<std::size_t, std::string>{
               {3, "S:a a:ab b:T "}, {5, "S:a a:ab a:ab b:b b:T "}, {7, "S:a a:ab a:ab a:ab b:b b:b b:T "}}));
  EXPECT_EQ(three, (std::map<std::size_t, std::string>{{4, "S:a a:ab b:c c:T "},
                                                       {7, "S:a a:ab a:ab b:b b:c c:c c:T "}}));
}

TEST(CountingLanguage, EveryEpochHasOtherStrings) {
  const CountingStrings strings(CountingLanguage(2), 10, 100, 7);
  std::size_t same = 0;
  for (std::size_t k = 0; k < 100; ++k)
    same += strings.get(0, k).x.layout() == strings.get(1, k).x.layout() ? 1 : 0;
  EXPECT_LT(same, 30u);
}

TEST(CountingLanguage, NetworksHaveThePapersSize) {
  EXPECT_EQ(Network<double>(CountingLanguage(2).spec(1), 3).weights().size(), 38u);
  EXPECT_EQ(Network<double>(CountingLanguage(3).spec(2), 4).weights().size(), 90u);
}

/// Counts a as 1 and b as minus `step`, and takes more than 1/2 left for more b to come.
Network<double> counter(double step) {
  Network<double> network(
      "parallel(dropout 0, lstm 1 input_gate=off forget_gate=off output_gate=off input_activation=identity "
      "output_activation=identity feedback=none bias=none), dense 3 sigmoid",
      3);
  network.update_weights([&](std::span<double> w) {
    const std::vector<double> by_hand = {0,    1,    -step,        // S, a, b into the cell
                                         100,  100,  -100,  0,     // S, a, b, cell into output a
                                         -1e4, 1e4,  0,     100,   // b
                                         -1e4, -1e4, 0,     -100,  // T
                                         0,    -50,  50};
    ASSERT_EQ(w.size(), by_hand.size());
    std::ranges::copy(by_hand, w.begin());
  });
  return network;
}

TEST(CountingLanguage, ANetworkThatCountsKnowsAllAndOneThatMiscountsSome) {
  EXPECT_EQ(longest_known(CountingLanguage(2), counter(1), 300), 300u);
  // After n - 1 of n b what is left is n - (n - 1) 1.01, above 1/2 up to n = 50.
  EXPECT_EQ(longest_known(CountingLanguage(2), counter(1.0101), 300), 50u);
  EXPECT_EQ(longest_known(CountingLanguage(2), Network<double>(CountingLanguage(2).spec(1), 3), 300), 0u);
}

}  // namespace
}  // namespace carousel::lab
