#include "tasks/translate_data.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/counted.h"
#include "base/fnv1a.h"
#include "tasks/data_file.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr std::size_t kEpochs = 20, kMostPairs = 64;  // of a batch
constexpr std::size_t kUpdates = 100;                 // of an epoch, where pairs are too few for such batches

std::vector<LinePair> read_pairs(const TranslateSettings& s, BadExampleList& bad) {
  if (!s.target_file) return read_line_pairs(ByteSource(s.data), s.data, s.invalid, bad);
  return read_line_pairs(ByteSource(s.data), s.data, ByteSource(*s.target_file), *s.target_file, s.invalid,
                         bad);
}

/// Checks and notes the checksums of both files.
void check_files(TranslateSettings& settings) {
  hold_to(settings.data, settings.checksum);
  if (settings.target_file) hold_to(*settings.target_file, settings.target_checksum);
}

std::uint64_t mixed_hash(std::string_view text) {
  Fnv1a print;
  print.add(text);
  std::uint64_t hash = print.value();
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

/// Of the training part: vocabularies, and lengths that settings leave open.
TranslateCoding coding_of(std::span<const TranslateExample> training, TranslateSettings settings) {
  std::vector<std::string_view> sources, targets;
  std::size_t pairs = 0;
  for (const TranslateExample& example : training) {
    sources.insert(sources.end(), example.source.begin(), example.source.end());
    for (const auto& target : example.targets) targets.insert(targets.end(), target.begin(), target.end());
    pairs += example.targets.size();
  }
  const bool source_pairs = settings.source_unit == LineUnit::piece,
             target_pairs = settings.target_unit == LineUnit::piece;
  if (settings.vocabulary == 0)
    settings.vocabulary =
        standard_vocabulary(source_pairs || target_pairs,
                            std::max(source_pairs ? sources.size() : 0, target_pairs ? targets.size() : 0));
  const std::size_t most = settings.vocabulary;
  TranslateCoding coding{std::move(settings), vocabulary_of(sources, source_pairs, most),
                         vocabulary_of(targets, target_pairs, most)};
  std::size_t longest = 0;
  for (const TranslateExample& example : training)
    for (const auto& target : example.targets)
      longest = std::max(longest, coding.targets.numbers(target).size());
  TranslateSettings& s = coding.settings;
  if (s.longest == 0) s.longest = longest + longest / 2 + 1;
  if (s.training.batch == 0) s.training.batch = std::clamp<std::size_t>(pairs / kUpdates, 1, kMostPairs);
  return coding;
}

void decide_network(TranslateSettings& settings) {
  const std::string dropout = settings.dropout > 0 ? fmt::format(", dropout {}", settings.dropout) : "";
  if (!settings.encoder) settings.encoder = fmt::format("bidirectional(lstm {}){}", settings.hidden, dropout);
  if (!settings.decoder) settings.decoder = fmt::format("lstm {}{}", settings.hidden, dropout);
  settings.hidden = TranslateSettings{}.hidden;
  settings.dropout = TranslateSettings{}.dropout;
}

std::vector<TranslateExample> read_examples(const TranslateSettings& settings, BadExampleList& bad) {
  std::vector<TranslateExample> examples = group_pairs(read_pairs(settings, bad), settings);
  order_examples(examples, settings);
  return examples;
}

}  // namespace

std::vector<TranslateExample> group_pairs(std::span<const LinePair> pairs,
                                          const TranslateSettings& settings) {
  std::vector<TranslateExample> examples;
  std::map<std::vector<std::string>, std::size_t> places;
  for (const LinePair& pair : pairs) {
    std::vector<std::string> source = line_symbols(pair.source, settings.source_unit);
    const auto [found, added] = places.try_emplace(source, examples.size());
    if (added) examples.push_back({std::move(source), {}});
    examples[found->second].targets.push_back(line_symbols(pair.target, settings.target_unit));
  }
  return examples;
}

void order_examples(std::vector<TranslateExample>& examples, const TranslateSettings& settings) {
  if (settings.split_order == SplitOrder::file) return;
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < examples.size(); ++i)
    order.emplace_back(mixed_hash(line_text(examples[i].source, settings.source_unit)), i);
  std::ranges::sort(order);
  std::vector<TranslateExample> ordered;
  ordered.reserve(examples.size());
  for (const auto& [hash, place] : order) ordered.push_back(std::move(examples[place]));
  examples = std::move(ordered);
}

SymbolPairs numbered(std::span<const TranslateExample> examples, const TranslateCoding& coding) {
  SymbolPairs pairs;
  for (const TranslateExample& example : examples)
    for (const auto& target : example.targets) {
      pairs.sources.add(coding.sources.numbers(example.source));
      pairs.targets.add(coding.targets.numbers(target));
    }
  return pairs;
}

TranslateData prepare_translate_data(const TranslateSettings& given) {
  check_settings(given);
  TranslateSettings settings = given;
  check_files(settings);
  decide_network(settings);
  if (settings.training.epochs == 0) settings.training.epochs = kEpochs;
  BadExampleList bad(skip_bad(settings.skip_bad));
  std::vector<TranslateExample> examples = read_examples(settings, bad);
  const Split parts = split_rows(examples.size(), settings.split, "different sources");
  if (parts.train.size() == 0)
    throw DataError(fmt::format(
        "{}: found {} and none of them in the training part; name a longer file, or another "
        "split{}",
        settings.data, counted(examples.size(), "source", "different sources"), first_left_out(bad.list())));
  if (parts.test.size() == 0 && has_test(settings.split))
    throw DataError(
        fmt::format("{}: found no source in the test part, of {} in all; name a longer file, or "
                    "another split, such as 0.9,0.1,0 without that part",
                    settings.data, examples.size()));
  TranslateCoding coding =
      coding_of(std::span(examples).subspan(parts.train.begin, parts.train.size()), std::move(settings));
  return {std::move(coding), std::move(examples), parts, bad.list()};
}

TranslateData read_own_pairs(const TranslateCoding& coding) {
  TranslateSettings settings = coding.settings;
  check_files(settings);
  BadExampleList bad(BadExamples{settings.skip_bad});
  std::vector<TranslateExample> examples = read_examples(settings, bad);
  const Split parts = split_rows(examples.size(), settings.split, "different sources");
  return {coding, std::move(examples), parts, bad.list()};
}

std::vector<TranslateExample> read_other_pairs(const TranslateCoding& coding, const std::string& path,
                                               BadExampleList& bad) {
  return group_pairs(read_line_pairs(ByteSource(path), path, coding.settings.invalid, bad), coding.settings);
}

}  // namespace carousel
