// How long a suggestion takes while somebody types: one call of Suggester a key, one thread.
//
//   suggest_bench [words]
//
// A model of 10,000 words (and a line's end), embedding 64, lstm 256, weights as initialised, in float32 and
// in bf16; a text of so many of its words (500) is typed letter by letter. Printed are milliseconds a key,
// median, 99th percentile and worst: of blanks, behind which the network reads the word before, and of
// letters. Processor time is what a key takes where nothing else runs; on a busy machine the clock tells what
// the others take besides.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
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
  std::vector<double> clock_ms, processor_ms;
};

std::string quantiles(std::vector<double> ms) {
  std::ranges::sort(ms);
  const auto at = [&](double share) {
    return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  };
  return fmt::format("{:9.3f} {:9.3f} {:9.3f}", at(0.5), at(0.99), at(1));
}

double processor_ms() {
  std::timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

void measure(std::size_t typed, WeightFormat format) {
  using Clock = std::chrono::steady_clock;
  const std::vector<std::string> all = words();
  LanguageModel model = model_of(all);
  model.network.pack({format, false});
  Suggester suggester(model);
  const Random random(2, 0);
  Times blank{"blank", {}, {}}, letter{"letter", {}, {}}, any{"any key", {}, {}};
  std::string text;
  for (std::size_t word = 0; word < typed; ++word)
    for (const char key : all[random.below(word, all.size())]) {
      text += key;
      const double processor_begin = processor_ms();
      const Clock::time_point begin = Clock::now();
      suggester.suggest(text, kShown);
      const double clock = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
      const double processor = processor_ms() - processor_begin;
      for (Times* times : {key == ' ' ? &blank : &letter, &any}) {
        times->clock_ms.push_back(clock);
        times->processor_ms.push_back(processor);
      }
    }
  fmt::print("{}, {} kernels, milliseconds a key\n{:8} {:>6} {:>33} {:>30}\n", name(format),
             kernels::target_name(), "", "keys", "by the clock: median, 99 %, worst", "of the processor");
  for (const Times* times : {&blank, &letter, &any})
    fmt::print("{:8} {:6} {}    {}\n", times->name, times->clock_ms.size(), quantiles(times->clock_ms),
               quantiles(times->processor_ms));
}

}  // namespace
}  // namespace carousel

int main(int count, char** words) {
  const std::size_t typed = count > 1 ? std::strtoul(words[1], nullptr, 10) : 500;
  for (const carousel::WeightFormat format : {carousel::WeightFormat::float32, carousel::WeightFormat::bf16})
    carousel::measure(typed, format);
  return 0;
}
