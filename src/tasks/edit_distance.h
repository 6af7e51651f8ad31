// How far what was read is from what should have been: the fewest symbols to substitute, insert and delete
// (Levenshtein 1966; by the recursion of Wagner & Fischer 1974), and error rates over a corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace carousel {

enum class EditKind : std::uint8_t {
  match,
  substitution,
  insertion,  ///< a symbol of the hypothesis that the reference has not
  deletion,   ///< a symbol of the reference that the hypothesis has not
};

/// One pair of an alignment: the places that it is about. A symbol inserted stands before that of the
/// reference at `reference`, one deleted is missing before that of the hypothesis at `hypothesis`; either may
/// be the end.
struct Edit {
  EditKind kind;
  std::size_t reference, hypothesis;
  bool operator==(const Edit&) const = default;
};

struct EditCounts {
  std::uint64_t matches = 0, substitutions = 0, insertions = 0, deletions = 0;

  std::uint64_t distance() const noexcept { return substitutions + insertions + deletions; }
  /// Symbols of the reference.
  std::uint64_t reference() const noexcept { return matches + substitutions + deletions; }
  EditCounts& operator+=(const EditCounts& other) noexcept;
  bool operator==(const EditCounts&) const = default;
};

struct Alignment {
  std::vector<Edit> edits;  ///< first to last
  EditCounts counts;
};

/// Among the alignments with the fewest edits the one that, looked at from the end, at each place prefers a
/// pair of symbols to a deletion, and that to an insertion. Takes a byte for each pair of symbols: throws
/// Error where those are more than 2^30.
Alignment align(std::span<const std::size_t> reference, std::span<const std::size_t> hypothesis);
/// Of words, or of anything else that is written.
Alignment align(std::span<const std::string> reference, std::span<const std::string> hypothesis);

/// The counts of that alignment alone, in memory that grows with the hypothesis, for any lengths.
EditCounts count_edits(std::span<const std::size_t> reference, std::span<const std::size_t> hypothesis);
EditCounts count_edits(std::span<const std::string> reference, std::span<const std::string> hypothesis);

/// Errors over a corpus: the label, word or phoneme error rate, by what the symbols are. Whole numbers, so
/// the order of calls does not show. A ratio of nothing to nothing is NaN.
class ErrorRate {
 public:
  void add(const EditCounts& counts) noexcept;
  ErrorRate& operator+=(const ErrorRate& other) noexcept;

  const EditCounts& counts() const noexcept { return counts_; }
  std::uint64_t sequences() const noexcept { return sequences_; }
  std::uint64_t wrong_sequences() const noexcept { return wrong_; }
  /// All edits over all symbols of references; above 1 where more is inserted than there was. Infinite where
  /// there was nothing.
  double rate() const noexcept;
  /// Share of sequences with any edit: the sentence error rate, or where a sequence is one word's letters or
  /// phonemes, the word error rate.
  double sequence_rate() const noexcept;

 private:
  EditCounts counts_;
  std::uint64_t sequences_ = 0, wrong_ = 0;
};

}  // namespace carousel
