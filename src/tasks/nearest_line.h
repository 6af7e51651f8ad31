// Which of many lines is nearest to another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tasks/pair_batches.h"

namespace carousel {

/// Searches by the fewest insertions, deletions and replacements of symbols that turn one line into the other
/// (Levenshtein 1965). Lines are kept in the order of their symbols, so that those with the same beginning
/// share the rows of its table, and all of them are passed over when the beginning alone is too far. Keeps a
/// reference.
class NearestLine {
 public:
  explicit NearestLine(const SymbolLines& lines);

  /// Number of a nearest line, of equally near ones always the same. budget: values of tables that may be
  /// computed, less those that were. Nothing when it has run out, or where there are no lines.
  std::optional<std::size_t> find(std::span<const std::uint32_t> line, std::uint64_t& budget) const;

 private:
  struct Search;
  /// Computes the rows of one line, of whose beginning `known` symbols are there, until it is too far or
  /// ends.
  void compare(std::size_t place, std::size_t known, Search& search) const;

  const SymbolLines& lines_;
  std::vector<std::size_t> order_;   // numbers of lines
  std::vector<std::size_t> shared_;  // symbols that each has at its beginning in common with the one before
};

}  // namespace carousel
