#include "base/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace carousel {

namespace {

constexpr std::size_t kMaxListed = 12;
constexpr std::size_t kMaxWord = 64;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t apart = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (apart >= limit) return limit;
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    // No later cell can be smaller than the smallest of two neighbouring rows.
    if (std::min(*std::min_element(current.begin(), current.end()),
                 *std::min_element(previous.begin(), previous.end())) >= limit)
      return limit;
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return std::min(previous[b.size()], limit);
}

std::string nearest_word(std::string_view word, std::span<const std::string> candidates) {
  std::string nearest;
  if (word.empty() || word.size() > kMaxWord) return nearest;
  const std::string wanted = lower(word);
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate), limit);
    if (distance < limit) {
      limit = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  if (candidates.empty()) return "there are none";
  std::string text;
  if (const std::string nearest = nearest_word(word, candidates); !nearest.empty())
    text = fmt::format("did you mean '{}'? ", nearest);
  text += "there are: ";
  const std::size_t listed = std::min(candidates.size(), kMaxListed);
  for (std::size_t i = 0; i < listed; ++i) text += (i > 0 ? ", " : "") + candidates[i];
  if (candidates.size() > listed) text += fmt::format(" and {} more", candidates.size() - listed);
  return text;
}

}  // namespace carousel
