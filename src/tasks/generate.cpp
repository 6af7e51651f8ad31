#include "tasks/generate.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/counted.h"
#include "base/file.h"
#include "losses/cross_entropy.h"
#include "tasks/data_file.h"
#include "tasks/generate_model.h"
#include "tasks/music.h"
#include "tasks/settings_file.h"
#include "tasks/text_batches.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 34;
constexpr std::size_t kMostStreams = 32;
constexpr std::string_view kCut = "characters or words";  // of which a text is cut into parts
constexpr std::size_t kUpdates = 100;  // of an epoch, where a text is too short for all streams

std::string read_text(const GenerateSettings& settings) {
  return valid_text(read_file(settings.data, kMaxTextBytes), settings.data, settings.invalid);
}

void check_parts(const LanguageData& data) {
  const GenerateSettings& settings = data.coding.settings;
  const auto check = [&](const Range& part, const char* which, const char* other) {
    if (part.size() < 2)
      throw DataError(fmt::format(
          "{}: found {} in the {} part, expected at least 2; name a longer text, or another split{}",
          settings.data, counted(part.size(), *settings.unit), which, other));
  };
  check(data.parts.train, "training", "");
  if (has_test(*settings.split)) check(data.parts.test, "test", ", such as 0.9,0.1,0 without that part");
}

/// These pieces, which follow each other, as one text.
std::string_view joined(std::span<const std::string_view> pieces) {
  if (pieces.empty()) return {};
  return {pieces.front().data(), pieces.back().data() + pieces.back().size()};
}

/// parts: of the pieces. Byte pairs cut these further, each by itself.
LanguageData numbered(LanguageCoding coding, std::span<const std::string_view> pieces, const Split& parts) {
  std::vector<std::size_t> symbols;
  const auto append = [&](const Range& range) {
    const std::size_t begin = symbols.size();
    const auto numbers = coding.vocabulary.numbers(pieces.subspan(range.begin, range.size()));
    symbols.insert(symbols.end(), numbers.begin(), numbers.end());
    return Range{begin, symbols.size()};
  };
  const Split cut{append(parts.train), append(parts.validation), append(parts.test)};
  append({parts.test.end, pieces.size()});
  const std::size_t characters =
      coding.characters_told(joined(pieces.subspan(parts.test.begin, parts.test.size())));
  return {std::move(coding), std::move(symbols), cut, characters};
}

Metadata provenance_of(const LanguageData& data) {
  const GenerateSettings& settings = data.coding.settings;
  std::error_code error;
  return {{"provenance.data", std::filesystem::path(settings.data).filename().string()},
          {"provenance.bytes", fmt::format("{}", std::filesystem::file_size(settings.data, error))},
          {"provenance.checksum", settings.checksum.value_or("")},
          {"provenance.pieces", fmt::format("{}", data.symbols.size())},
          {"provenance.seed", fmt::format("{}", settings.training.seed)},
          {"provenance.version", kVersion}};
}

/// Where a text holds fewer byte pairs than were asked for.
std::string fewer_pairs(const LanguageCoding& coding) {
  const std::size_t asked = coding.settings.vocabulary;
  if (!coding.vocabulary.byte_pairs() || coding.vocabulary.size() > asked) return "";
  return fmt::format("; it is too short for {}, and each of its words is one piece by now", grouped(asked));
}

std::vector<std::string> plan_lines(const LanguageData& data, const Network<float>& network) {
  const GenerateSettings& settings = data.coding.settings;
  return {
      fmt::format("text: {}, {} of {} kinds{}", settings.data, counted(data.symbols.size(), *settings.unit),
                  grouped(data.coding.vocabulary.size()), fewer_pairs(data.coding)),
      fmt::format("network: {}; {}", data.coding.spec(),
                  counted(network.weights().size(), "parameter", "parameters")),
      fmt::format("parts: {} to train on, {} to validate, {} to test", grouped(data.parts.train.size()),
                  grouped(data.parts.validation.size()), grouped(data.parts.test.size()))};
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const LanguageData& data, Network<float> network, const RunFolder& folder,
                     ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  const TrainingSettings& settings = data.coding.settings.training;
  const std::size_t chunk = data.coding.settings.chunk;
  const CrossEntropy<float> loss(data.coding.vocabulary.size());
  const TextBatches training(data.part(data.parts.train), settings.batch, chunk, true, settings.seed),
      validation(data.part(data.parts.validation), TextBatches::judged(data.parts.validation.size()), chunk,
                 false, settings.seed);
  if (sink != nullptr) sink->on_plan(plan_lines(data, network));
  const Metadata provenance = provenance_of(data);
  const auto save = [&](std::span<const float> weights) {
    save_language_model(folder.model(), data.coding, with_weights(network, weights), provenance);
  };
  return train_run({network, loss, training, validation.batches(0) == 0 ? nullptr : &validation, save},
                   settings, folder, pool, sink, from);
}

bool is_of_music(GenerateSettings settings) {
  decide(settings);
  return settings.music();
}

}  // namespace

LanguageData prepare_language_data(const GenerateSettings& given) {
  check_settings(given);
  GenerateSettings settings = given;
  decide(settings);
  hold_to(settings.data, settings.checksum);
  const std::string text = read_text(settings);
  const std::vector<std::string_view> all = pieces(text, text_unit(settings));
  const Split parts = split_rows(all.size(), *settings.split, kCut);
  const bool byte_pairs = settings.unit == GenerateUnit::piece;
  if (settings.vocabulary == 0) settings.vocabulary = standard_vocabulary(byte_pairs, parts.train.size());
  Vocabulary vocabulary =
      vocabulary_of(std::span(all).first(parts.train.end), byte_pairs, settings.vocabulary);
  LanguageData data = numbered({std::move(settings), std::move(vocabulary)}, all, parts);
  TrainingSettings& training = data.coding.settings.training;
  if (training.batch == 0)
    training.batch = std::clamp<std::size_t>(data.parts.train.size() / data.coding.settings.chunk / kUpdates,
                                             1, kMostStreams);
  check_parts(data);
  return data;
}

LanguageData read_own_text(const LanguageCoding& coding) {
  const GenerateSettings& settings = coding.settings;
  check_checksum(settings.data, settings.checksum, fingerprint(settings.data));
  const std::string text = read_text(settings);
  const std::vector<std::string_view> all = pieces(text, text_unit(settings));
  return numbered(coding, all, split_rows(all.size(), *settings.split, kCut));
}

TrainingResult train_generate(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                              RunSink* sink) {
  if (is_of_music(settings)) return train_music(settings, folder, pool, sink);
  const LanguageData data = prepare_language_data(settings);
  Network<float> network = build_language_network(data.coding);  // refuses before anything is written
  begin_run(folder, to_toml(data.coding.settings));
  return train(data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_generate(const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const auto settings = read_settings<GenerateSettings>(folder.settings());
  require_data(settings.data, folder.settings(), RunFolder::kNewPath);
  if (is_of_music(settings)) return resume_music(settings, folder, pool, sink);
  const LanguageData data = prepare_language_data(settings);
  Network<float> network = build_language_network(data.coding);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(data, std::move(network), folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
