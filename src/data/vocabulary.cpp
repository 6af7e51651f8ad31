#include "data/vocabulary.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "data/text.h"

namespace carousel {
namespace {

using Json = nlohmann::json;

constexpr const char* kBytePairs = "byte_pairs";  // the key of their list

}  // namespace

Vocabulary Vocabulary::of(std::span<const std::string_view> pieces, std::size_t most) {
  std::map<std::string_view, std::size_t> counts;
  for (const std::string_view piece : pieces) ++counts[piece];
  std::vector<std::pair<std::string_view, std::size_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, std::ranges::greater(), &std::pair<std::string_view, std::size_t>::second);
  order.resize(std::min(order.size(), most));
  std::ranges::sort(order);
  std::vector<std::string> symbols;
  for (const auto& [symbol, count] : order) symbols.emplace_back(symbol);
  return Vocabulary(std::move(symbols));
}

Vocabulary::Vocabulary(std::vector<std::string> symbols) : symbols_{std::string(kUnknownSymbol)} {
  for (std::string& symbol : symbols) {
    if (symbol.empty()) throw DataError("vocabulary: a symbol is empty");
    if (symbol == symbols_[kUnknown]) continue;
    if (!numbers_.emplace(symbol, symbols_.size()).second)
      throw DataError(fmt::format("vocabulary: symbol {} is there twice", symbols_.size()));
    symbols_.push_back(std::move(symbol));
  }
}

Vocabulary Vocabulary::of_byte_pairs(std::vector<std::string> pieces) {
  std::vector<std::string> symbols;
  for (std::size_t byte = 0; byte < kBytes; ++byte) symbols.emplace_back(1, static_cast<char>(byte));
  for (std::string& piece : pieces) {
    if (piece.size() < 2)
      throw DataError(fmt::format("vocabulary: piece {} has {} bytes, expected two or more",
                                  symbols.size() - kBytes + 1, piece.size()));
    symbols.push_back(std::move(piece));
  }
  Vocabulary vocabulary(std::move(symbols));
  vocabulary.byte_pairs_ = true;
  return vocabulary;
}

Vocabulary Vocabulary::parse(const std::string& text) try {
  const Json json = Json::parse(text);
  return json.is_object() ? of_byte_pairs(json.at(kBytePairs).get<std::vector<std::string>>())
                          : Vocabulary(json.get<std::vector<std::string>>());
} catch (const Json::exception& error) {
  throw DataError(fmt::format("vocabulary: {}", error.what()));
}

std::string Vocabulary::text() const {
  const std::vector<std::string> listed(symbols_.begin() + 1 + (byte_pairs_ ? kBytes : 0), symbols_.end());
  Json json = listed;
  if (byte_pairs_) json = {{kBytePairs, listed}};
  return json.dump();
}

std::size_t Vocabulary::number(std::string_view symbol) const {
  const auto found = numbers_.find(symbol);
  return found == numbers_.end() ? kUnknown : found->second;
}

std::vector<std::size_t> Vocabulary::numbers(std::span<const std::string_view> pieces) const {
  std::vector<std::size_t> all;
  all.reserve(pieces.size());
  if (!byte_pairs_) {
    for (const std::string_view piece : pieces) all.push_back(number(piece));
    return all;
  }
  std::unordered_map<std::string_view, std::vector<std::size_t>> known;
  for (const std::string_view piece : pieces) {
    const auto [word, added] = known.try_emplace(piece);
    if (added) word->second = merged(piece);
    all.insert(all.end(), word->second.begin(), word->second.end());
  }
  return all;
}

std::vector<std::size_t> Vocabulary::numbers(std::span<const std::string> pieces) const {
  return numbers(std::vector<std::string_view>(pieces.begin(), pieces.end()));
}

std::vector<std::size_t> Vocabulary::merged(std::string_view word) const {
  std::vector<std::string_view> parts;
  for (const std::string_view character : pieces(word, TextUnit::character))
    if (numbers_.contains(character))
      parts.push_back(character);
    else
      for (std::size_t byte = 0; byte < character.size(); ++byte) parts.push_back(character.substr(byte, 1));
  for (;;) {
    std::size_t first = size(), at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const std::size_t both = number({parts[i].data(), parts[i].size() + parts[i + 1].size()});
      if (both != kUnknown && both < first) first = both, at = i;
    }
    if (first == size()) break;
    parts[at] = {parts[at].data(), parts[at].size() + parts[at + 1].size()};
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  std::vector<std::size_t> all;
  for (const std::string_view part : parts) all.push_back(number(part));
  return all;
}

}  // namespace carousel
