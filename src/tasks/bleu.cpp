#include "tasks/bleu.h"

#include <carousel/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "tasks/ratio.h"

namespace carousel {
namespace {

using Words = std::span<const std::size_t>;
/// Unused places hold the same number in all.
using Gram = std::array<std::size_t, BleuCounts::kLongest>;

std::map<Gram, std::uint64_t> count_grams(Words words, std::size_t n) {
  std::map<Gram, std::uint64_t> counts;
  for (std::size_t begin = 0; begin + n <= words.size(); ++begin) {
    Gram gram{};
    std::ranges::copy(words.subspan(begin, n), gram.begin());
    ++counts[gram];
  }
  return counts;
}

/// That of the reference nearest to `length`; of two the shorter.
std::size_t nearest_length(std::span<const std::vector<std::size_t>> references, std::size_t length) {
  const auto distance = [length](std::size_t other) {
    return other > length ? other - length : length - other;
  };
  std::size_t best = references.front().size();
  for (const auto& reference : references) {
    const std::size_t other = reference.size();
    if (distance(other) < distance(best) || (distance(other) == distance(best) && other < best)) best = other;
  }
  return best;
}

}  // namespace

void BleuCounts::add(Words translation, std::span<const std::vector<std::size_t>> references) {
  if (references.empty()) throw Error("[bleu] expected at least one reference, got none");
  for (std::size_t n = 1; n <= kLongest; ++n) {
    std::map<Gram, std::uint64_t> allowed;
    for (const auto& reference : references)
      for (const auto& [gram, count] : count_grams(reference, n)) {
        std::uint64_t& most = allowed[gram];
        most = std::max(most, count);
      }
    for (const auto& [gram, count] : count_grams(translation, n)) {
      total_[n - 1] += count;
      const auto found = allowed.find(gram);
      if (found != allowed.end()) matched_[n - 1] += std::min(count, found->second);
    }
  }
  length_ += translation.size();
  reference_ += nearest_length(references, translation.size());
  ++sentences_;
}

void BleuCounts::add(std::span<const std::string> translation,
                     std::span<const std::vector<std::string>> references) {
  std::map<std::string_view, std::size_t> numbers;
  const auto numbered = [&numbers](std::span<const std::string> words) {
    std::vector<std::size_t> result;
    result.reserve(words.size());
    for (const std::string& word : words)
      result.push_back(numbers.try_emplace(word, numbers.size()).first->second);
    return result;
  };
  std::vector<std::vector<std::size_t>> all;
  for (const auto& reference : references) all.push_back(numbered(reference));
  add(numbered(translation), all);
}

BleuCounts& BleuCounts::operator+=(const BleuCounts& other) noexcept {
  for (std::size_t i = 0; i < kLongest; ++i) {
    total_[i] += other.total_[i];
    matched_[i] += other.matched_[i];
  }
  length_ += other.length_;
  reference_ += other.reference_;
  sentences_ += other.sentences_;
  return *this;
}

double BleuCounts::precision(std::size_t n) const { return ratio(matched(n), total(n)); }

double BleuCounts::brevity_penalty() const noexcept {
  if (length_ >= reference_) return 1;
  return length_ == 0 ? 0 : std::exp(1 - static_cast<double>(reference_) / static_cast<double>(length_));
}

double BleuCounts::score(std::size_t longest) const {
  if (sentences_ == 0) return std::numeric_limits<double>::quiet_NaN();
  double logarithms = 0;
  for (std::size_t n = 1; n <= longest; ++n) {
    if (matched(n) == 0) return 0;
    logarithms += std::log(precision(n));
  }
  return brevity_penalty() * std::exp(logarithms / static_cast<double>(longest));
}

}  // namespace carousel
