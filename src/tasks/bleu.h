// BLEU: how many runs of one to four words of a translation stand in a reference too (Papineni, Roukos, Ward
// & Zhu, "BLEU: a method for automatic evaluation of machine translation", ACL 2002).
//
//   BLEU = min(1, exp(1 - r / c)) (p_1 p_2 p_3 p_4)^(1/4)
//
// over a whole corpus: p_n the share of the translations' n-grams that stand in a reference, each n-gram as
// often at most as in that reference of its sentence which has it most often; c the length of the
// translations, r that of the references nearest to them in length. Not smoothed: 0 where some n has no
// match.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace carousel {

/// Counts over a corpus, sentence by sentence. Whole numbers, so the order of calls does not show.
class BleuCounts {
 public:
  static constexpr std::size_t kLongest = 4;  ///< words of the longest n-grams

  /// A translation and its references, as numbers of words. Of references equally near in length the shorter
  /// one counts. Throws Error if there is no reference.
  void add(std::span<const std::size_t> translation, std::span<const std::vector<std::size_t>> references);
  void add(std::span<const std::string> translation, std::span<const std::vector<std::string>> references);
  BleuCounts& operator+=(const BleuCounts& other) noexcept;

  /// n from 1 to kLongest: n-grams of the translations, those that matched, and their share, NaN where there
  /// are none.
  std::uint64_t total(std::size_t n) const { return total_.at(n - 1); }
  std::uint64_t matched(std::size_t n) const { return matched_.at(n - 1); }
  double precision(std::size_t n) const;

  std::uint64_t translation_length() const noexcept { return length_; }
  std::uint64_t reference_length() const noexcept { return reference_; }
  double brevity_penalty() const noexcept;
  /// From 0 to 1, by n-grams of up to `longest` words (from 1 to kLongest). NaN without any sentence.
  double score(std::size_t longest = kLongest) const;

 private:
  std::array<std::uint64_t, kLongest> total_{}, matched_{};
  std::uint64_t length_ = 0, reference_ = 0, sentences_ = 0;
};

}  // namespace carousel
