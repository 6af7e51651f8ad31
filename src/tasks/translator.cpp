#include "tasks/translator.h"

#include <algorithm>
#include <numeric>

#include "tasks/pair_batches.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

Translation translation_of(Hypothesis<float>&& hypothesis, const Vocabulary& targets) {
  Translation result{{}, hypothesis.log_probability, std::move(hypothesis.attention)};
  for (const std::size_t symbol : hypothesis.symbols) result.symbols.push_back(targets.symbol(symbol));
  return result;
}

}  // namespace

std::vector<std::vector<Translation>> translate(const TranslateModel& model,
                                                std::span<const std::vector<std::string>> sources,
                                                std::size_t beam, std::size_t best, ThreadPool& pool) {
  check_count("beam", beam, 1, TranslateSettings::kWidestBeam);
  check_count("best", best, 1, beam);
  if (sources.empty()) return {};
  SymbolLines lines;
  for (const std::vector<std::string>& source : sources) lines.add(model.coding.sources.numbers(source));
  std::vector<std::size_t> all(sources.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const SearchOptions options{.width = beam, .max_length = model.coding.settings.longest};
  std::vector<std::vector<Translation>> result;
  result.reserve(sources.size());
  for (auto& hypotheses : model.network.search(pool, line_sequences(lines, all), options)) {
    hypotheses.resize(std::min(hypotheses.size(), best));
    std::vector<Translation>& answers = result.emplace_back();
    for (Hypothesis<float>& hypothesis : hypotheses)
      answers.push_back(translation_of(std::move(hypothesis), model.coding.targets));
  }
  return result;
}

}  // namespace carousel
