#include "lab/pronounce.h"

#include <fmt/ranges.h>

#include <set>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "lab/task_run.h"
#include "tasks/translate.h"
#include "tasks/translate_evaluation.h"

namespace carousel::lab {

namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 26;
constexpr const char* kSettings = R"toml(
[translate]
target_unit = "token"
[training]
epochs = 6
batch = 64
)toml";

/// "" for a line that says nothing.
std::string pair_of(const std::string& line) {
  std::istringstream words(line.substr(0, line.find('#')));
  std::string word;
  if (!(words >> word)) return "";
  std::vector<std::string> phonemes;
  for (std::string phoneme; words >> phoneme;)
    phonemes.push_back(phoneme.substr(0, phoneme.find_last_not_of("012") + 1));
  if (const std::size_t number = word.rfind('('); number != std::string::npos && number > 0)
    word.erase(number);
  return fmt::format("{}\t{}\n", word, fmt::join(phonemes, " "));
}

Outcome run_pronounce(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  auto settings = lab_settings<TranslateSettings>(kSettings, seed);
  settings.data = place.path() + "/cmudict.tsv";
  write_file(settings.data, pronunciation_pairs(read_file(data_file(context, "cmudict.dict"), kMaxBytes)));
  ContextRunSink sink(context);
  const TrainingResult result = train_translate(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_translate(place.run().path, std::nullopt, *context.pool);
  Outcome outcome = judged(result, score.model.line_error_rate, 0.45);
  outcome.met &= score.model.symbol_error_rate <= 0.11;
  return outcome;
}

}  // namespace

std::string pronunciation_pairs(std::string_view dictionary) {
  std::istringstream lines{std::string(dictionary)};
  std::set<std::string> seen;
  std::string text;
  for (std::string line; std::getline(lines, line);)
    if (const std::string pair = pair_of(line); seen.insert(pair).second) text += pair;
  return text;
}

const Experiment kPronounce = of_a_task(
    {.name = "pronounce",
     .what = "tells the phonemes of an English word from its letters: an encoder-decoder with additive "
             "attention",
     .source = "Yao & Zweig, Interspeech 2015; Toshniwal & Livescu, SLT 2016",
     .figure = "share of words wrong",
     .published = "0.396 (64 units)",
     .gate = "at most 45 %, and 11 % of the phonemes",
     .data = "cmudict.dict (cmusphinx/cmudict, BSD style)",
     .run = run_pronounce});

}  // namespace carousel::lab
