// How long a suggestion takes while somebody types: one call of Suggester a key, one thread.
//
//   suggest_bench [words]
//
// A model of 10,000 words (and a line's end), embedding 64, lstm 256, weights as initialised; a text of so
// many of its words (500) is typed letter by letter. Printed are milliseconds a key, median, 99th percentile
// and worst: of blanks, behind which the network reads the word before, and of letters.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/target.h"
#include "tasks/suggester.h"

namespace carousel {
namespace {

constexpr std::size_t kWords = 10'000, kShown = 5;

/// Words of 2 to 9 letters, each another, a blank in front.
std::vector<std::string> words() {
  const Random random(1, 0);
  std::vector<std::string> all;
  for (std::size_t i = 0, drawn = 0; i < kWords; ++i) {
    std::string word = " ";
    // The number in base 22, so that none is there twice, behind letters at random.
    const std::size_t letters = random.below(drawn++, 6);
    for (std::size_t k = 0; k < letters; ++k) word += static_cast<char>('a' + random.below(drawn++, 4));
    for (std::size_t left = i; left > 0 || word.size() < 3; left /= 22)
      word += static_cast<char>('e' + left % 22);
    all.push_back(std::move(word));
  }
  return all;
}

LanguageModel model_of(std::vector<std::string> symbols) {
  GenerateSettings settings;
  settings.unit = GenerateUnit::word;
  settings.embedding = 64;
  settings.layers = "lstm 256";
  symbols.insert(symbols.begin(), "\n");
  LanguageCoding coding{std::move(settings), Vocabulary(std::move(symbols))};
  Network<float> network = build_language_network(coding);
  return {std::move(coding), std::move(network), {}};
}

struct Times {
  const char* name;
  std::vector<double> ms;
};

void print(Times& times) {
  std::ranges::sort(times.ms);
  const auto at = [&](double share) {
    return times.ms[static_cast<std::size_t>(share * static_cast<double>(times.ms.size() - 1))];
  };
  fmt::print("{:8} {:8} {:8.3f} {:8.3f} {:8.3f}\n", times.name, times.ms.size(), at(0.5), at(0.99), at(1));
}

void measure(std::size_t typed) {
  const std::vector<std::string> all = words();
  const LanguageModel model = model_of(all);
  Suggester suggester(model);
  const Random random(2, 0);
  Times blank{"blank", {}}, letter{"letter", {}}, any{"any key", {}};
  std::string text;
  for (std::size_t word = 0; word < typed; ++word) {
    const std::string& next = all[random.below(word, all.size())];
    for (std::size_t k = 0; k < next.size(); ++k) {
      text += next[k];
      const auto begin = std::chrono::steady_clock::now();
      suggester.suggest(text, kShown);
      const double ms =
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      (k == 0 ? blank : letter).ms.push_back(ms);
      any.ms.push_back(ms);
    }
  }
  fmt::print("milliseconds a key, {} kernels\n{:8} {:>8} {:>8} {:>8} {:>8}\n", kernels::target_name(), "",
             "keys", "median", "99 %", "worst");
  for (Times* times : {&blank, &letter, &any}) print(*times);
}

}  // namespace
}  // namespace carousel

int main(int count, char** words) {
  carousel::measure(count > 1 ? std::strtoul(words[1], nullptr, 10) : 500);
  return 0;
}
