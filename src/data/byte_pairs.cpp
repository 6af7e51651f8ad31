#include "data/byte_pairs.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "data/text.h"
#include "data/vocabulary.h"

namespace carousel {
namespace {

namespace sp = sentencepiece;

constexpr std::string_view kBlank = "\xE2\x96\x81";  // U+2581, as which SentencePiece keeps one
/// What SentencePiece keeps for itself, or writes in place of what is not UTF-8.
constexpr std::string_view kReserved[] = {kBlank, "\xE2\x96\x85", "\xE2\x81\x87", "\xEF\xBF\xBD"};

using WordCounts = std::map<std::string, std::size_t>;

void check(const sp::util::Status& status) {
  if (!status.ok()) throw DataError(fmt::format("byte-pair pieces: {}", status.error_message()));
}

/// The most frequent of the characters of more than one byte.
std::set<std::string, std::less<>> frequent_characters(std::span<const std::string_view> words,
                                                       std::size_t most) {
  std::vector<std::string_view> all;
  for (const std::string_view word : words)
    for (const std::string_view character : pieces(word, TextUnit::character))
      if (character.size() > 1 && std::ranges::find(kReserved, character) == std::end(kReserved))
        all.push_back(character);
  const Vocabulary frequent = Vocabulary::of(all, most);
  return {frequent.symbols().begin() + 1, frequent.symbols().end()};
}

/// How often each word is there, cut at characters that cannot be part of a piece.
WordCounts count_words(std::span<const std::string_view> words,
                       const std::set<std::string, std::less<>>& characters) {
  WordCounts counts;
  for (const std::string_view word : words) {
    std::string part;
    const auto end_part = [&] {
      if (!part.empty()) ++counts[part];
      part.clear();
    };
    for (const std::string_view character : pieces(word, TextUnit::character)) {
      const bool plain = character.size() == 1 && character[0] >= ' ' && character[0] != '\x7F';
      if (plain || characters.contains(character))
        part += character;
      else
        end_part();
    }
    end_part();
  }
  return counts;
}

/// "WORD<tab>COUNT", each once.
class CountedWords final : public sp::SentenceIterator {
 public:
  explicit CountedWords(const WordCounts& counts) {
    for (const auto& [word, count] : counts) lines_.push_back(fmt::format("{}\t{}", word, count));
  }
  bool done() const override { return next_ == lines_.size(); }
  void Next() override { ++next_; }
  const std::string& value() const override { return lines_[next_]; }
  sp::util::Status status() const override { return {}; }

 private:
  std::vector<std::string> lines_;
  std::size_t next_ = 0;
};

/// SentencePiece's model with so many pieces, its unknown one and the bytes included. Words are cut already
/// and stay as they are.
std::string train(const WordCounts& counts, std::size_t size) {
  CountedWords words(counts);
  std::string model;
  check(sp::SentencePieceTrainer::Train(
      std::unordered_map<std::string, std::string>{
          {"model_type", "bpe"},
          {"vocab_size", fmt::format("{}", size)},
          {"hard_vocab_limit", "false"},  // fewer where there are no more
          {"character_coverage", "1"},
          {"byte_fallback", "true"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"input_format", "tsv"},
          {"normalization_rule_name", "identity"},
          {"add_dummy_prefix", "false"},
          {"remove_extra_whitespaces", "false"},
          {"split_by_unicode_script", "false"},
          {"split_by_number", "false"},
          {"num_threads", "1"},
          {"minloglevel", "2"}},
      &words, &model));
  return model;
}

std::string with_blank(std::string piece) {
  if (piece.starts_with(kBlank)) piece.replace(0, kBlank.size(), " ");
  return piece;
}

}  // namespace

std::vector<std::string> learn_byte_pairs(std::span<const std::string_view> words, std::size_t most) {
  const auto characters = frequent_characters(words, most / 2);
  const WordCounts counts = count_words(words, characters);
  std::set<char> bytes;
  for (const auto& [word, count] : counts)
    std::ranges::copy_if(word, std::inserter(bytes, bytes.end()), [](char c) { return (c & 0x80) == 0; });
  if (counts.empty() || most == 0) return {};
  sp::SentencePieceProcessor learnt;
  // Beside `most` it counts the unknown one, all bytes, and again those that are characters.
  check(learnt.LoadFromSerializedProto(train(counts, most + 1 + Vocabulary::kBytes + bytes.size())));
  std::vector<std::string> result;
  for (int id = 0; id < learnt.GetPieceSize(); ++id) {
    if (learnt.IsUnknown(id) || learnt.IsByte(id)) continue;
    if (std::string piece = with_blank(learnt.IdToPiece(id)); piece.size() > 1)
      result.push_back(std::move(piece));
  }
  return result;
}

}  // namespace carousel
