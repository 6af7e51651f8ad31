#include "data/vocabulary.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

namespace carousel {

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

std::size_t Vocabulary::number(std::string_view symbol) const {
  const auto found = numbers_.find(symbol);
  return found == numbers_.end() ? kUnknown : found->second;
}

std::vector<std::size_t> Vocabulary::numbers(std::span<const std::string_view> pieces) const {
  std::vector<std::size_t> all;
  all.reserve(pieces.size());
  for (const std::string_view piece : pieces) all.push_back(number(piece));
  return all;
}

}  // namespace carousel
