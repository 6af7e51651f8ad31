// The nearest right word for a wrong one, for messages about names that do not exist.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace carousel {

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
/// alignment). Stops counting at `limit` and then returns limit.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit = 64);

/// The candidate nearest to `word` (the first of several, upper and lower case alike), or "" when none is
/// near enough to be meant: more than a third of the word would have to change.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

/// "did you mean 'target'? there are: target, past, ..." (without the question when nothing is near); a long
/// list is cut off and counted. "there are none" for no candidates.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace carousel
