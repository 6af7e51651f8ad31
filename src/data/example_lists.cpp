// Examples in one text file of a kind of its own: token columns, JSON lines.
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/example_kinds.h"
#include "data/json_lines.h"
#include "data/record_reader.h"
#include "data/token_columns.h"
#include "data/word_table.h"

namespace carousel {
namespace {

/// The words of what stands under "y".
std::vector<std::string> target_words(const JsonTarget& y) {
  if (const auto* text = std::get_if<std::string>(&y)) return {*text};
  if (const auto* number = std::get_if<float>(&y)) return {number_word(*number)};
  if (const auto* texts = std::get_if<std::vector<std::string>>(&y)) return *texts;
  std::vector<std::string> words;
  if (const auto* numbers = std::get_if<std::vector<float>>(&y))
    for (const float number : *numbers) words.push_back(number_word(number));
  return words;
}

bool is_list(const JsonTarget& y) {
  return std::holds_alternative<std::vector<std::string>>(y) || std::holds_alternative<std::vector<float>>(y);
}

/// Throws DataError for a sample that cannot be learned from.
Example json_example(const JsonSample& sample, const std::string& place, const ExampleOptions& options,
                     WordTable& words) {
  if (!sample.wrong.empty()) throw DataError(sample.wrong);
  Example example{sample.id.empty() ? place : sample.id, ExamplePart::any, {}};
  if (!options.targets) return example;
  example.part = parse_part(sample.split, place);
  const std::vector<std::string> targets = target_words(sample.y);
  if (options.lists_are_texts && is_list(sample.y)) {
    example.targets = {words.number(fmt::format("{}", fmt::join(targets, " ")))};
  } else {
    for (const std::string& target : targets) example.targets.push_back(words.number(target));
  }
  return example;
}

}  // namespace

std::unique_ptr<Examples> open_tokens(const std::string& path, const ExampleOptions& options) {
  TokenColumnsReader reader(path);
  auto examples = std::make_unique<MemoryExamples>();
  WordTable words(examples->word_list()), symbols(examples->symbol_list());
  while (const auto sequence = reader.next_any()) {
    Example example{fmt::format("{} line {}", source_name(path), sequence->line), ExamplePart::any, {}};
    Features features{sequence->symbols.size(), 1, {}};
    for (const std::string& symbol : sequence->symbols)
      features.values.push_back(static_cast<float>(symbols.number(symbol)));
    if (examples->symbols().size() > std::size_t{1} << 24)
      throw DataError(fmt::format("{}: found more than 2^24 different symbols", example.name));
    if (options.targets)
      for (const std::string& label : sequence->labels) example.targets.push_back(words.number(label));
    examples->add(std::move(example), std::move(features));
    if (!sequence->wrong.empty()) examples->spoil(sequence->wrong);
  }
  return examples;
}

std::unique_ptr<Examples> open_json(const std::string& path, const ExampleOptions& options) {
  JsonLinesReader reader(path);
  auto examples = std::make_unique<MemoryExamples>();
  WordTable words(examples->word_list());
  while (auto sample = reader.next_any()) {
    const std::string place = fmt::format("{} line {}", source_name(path), sample->line);
    try {
      Example example = json_example(*sample, place, options, words);
      examples->add(std::move(example), {sample->steps, sample->features, std::move(sample->x)});
    } catch (const DataError& error) {
      examples->add({place, ExamplePart::any, {}}, {});
      examples->spoil(error.what());
    }
  }
  return examples;
}

}  // namespace carousel
