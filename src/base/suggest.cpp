#include "base/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace carousel {

namespace {

constexpr std::size_t kMaxLength = 63;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment (Damerau-Levenshtein without edits inside a swap); both at most kMaxLength long.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kMaxLength + 1>, 3> rows{};
  auto *before = &rows[0], *previous = &rows[1], *current = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*previous)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    (*current)[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      std::size_t best = (*previous)[j - 1] + (same ? 0 : 1);
      best = std::min({best, (*previous)[j] + 1, (*current)[j - 1] + 1});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        best = std::min(best, (*before)[j - 2] + 1);
      (*current)[j] = best;
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return (*previous)[b.size()];
}

}  // namespace

std::string_view suggest(std::string_view word, std::span<const std::string_view> known) {
  std::string_view nearest;
  if (word.empty() || word.size() > kMaxLength) return nearest;
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kMaxLength) continue;
    const std::size_t d = distance(word, candidate);
    if (d < limit) {
      limit = d;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace carousel
