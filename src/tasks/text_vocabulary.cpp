#include "tasks/text_vocabulary.h"

#include <carousel/error.h>

#include <algorithm>

#include "data/byte_pairs.h"
#include "tasks/setting_checks.h"
#include "tensor/symbols.h"

namespace carousel {
namespace {

constexpr std::size_t kMost = 10000, kFewestPairs = 512, kWordsForEach = 100;

}  // namespace

std::size_t standard_vocabulary(bool byte_pairs, std::size_t words) {
  return byte_pairs ? std::clamp(words / kWordsForEach, kFewestPairs, kMost) : kMost;
}

void check_vocabulary_size(bool byte_pairs, std::size_t most) {
  if (most == 0) return;
  if (byte_pairs && most <= Vocabulary::kBytes)
    throw SettingError(fmt::format(
        "vocabulary: found {}, expected {} or more of pieces: each of the {} bytes is one, so that any text "
        "can be written",
        most, Vocabulary::kBytes + 1, Vocabulary::kBytes));
  check_count("vocabulary", most, 1, kMaxSymbols - 2);
}

Vocabulary vocabulary_of(std::span<const std::string_view> symbols, bool byte_pairs, std::size_t most) {
  if (!byte_pairs) return Vocabulary::of(symbols, most);
  return Vocabulary::of_byte_pairs(learn_byte_pairs(symbols, most - Vocabulary::kBytes));
}

void check_vocabulary(const Vocabulary& vocabulary, bool byte_pairs) {
  if (vocabulary.byte_pairs() != byte_pairs)
    throw ModelError(byte_pairs ? "vocabulary: found a list of symbols, expected byte_pairs (unit = piece)"
                                : "vocabulary: found byte_pairs, expected a list of symbols");
}

}  // namespace carousel
