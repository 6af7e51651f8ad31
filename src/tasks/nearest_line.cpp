#include "tasks/nearest_line.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace carousel {

struct NearestLine::Search {
  std::span<const std::uint32_t> line;
  std::vector<std::vector<std::size_t>> rows;  // [symbols of the other line + 1][symbols of this one + 1]
  std::size_t distance = std::numeric_limits<std::size_t>::max();
  std::size_t nearest = 0;
  std::size_t known = 0;  // symbols of the last line whose rows are there
  bool too_far = false;   // whether no line with the same beginning of that length can be nearer
  std::uint64_t computed = 0;
};

NearestLine::NearestLine(const SymbolLines& lines)
    : lines_(lines), order_(lines.size()), shared_(lines.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
    return std::ranges::lexicographical_compare(lines_[a], lines_[b]);
  });
  for (std::size_t place = 1; place < order_.size(); ++place) {
    const auto before = lines_[order_[place - 1]], line = lines_[order_[place]];
    shared_[place] =
        static_cast<std::size_t>(std::ranges::mismatch(before, line).in2 - std::ranges::begin(line));
  }
}

void NearestLine::compare(std::size_t place, std::size_t known, Search& search) const {
  const auto other = lines_[order_[place]];
  const std::size_t columns = search.line.size() + 1;
  if (search.rows.size() < other.size() + 1)
    search.rows.resize(other.size() + 1, std::vector<std::size_t>(columns));
  search.known = known;
  while (search.known < other.size()) {
    const std::size_t length = ++search.known;
    const std::vector<std::size_t>& above = search.rows[length - 1];
    std::vector<std::size_t>& row = search.rows[length];
    row[0] = length;
    for (std::size_t c = 1; c < columns; ++c)
      row[c] = std::min(
          {above[c - 1] + (other[length - 1] == search.line[c - 1] ? 0 : 1), above[c] + 1, row[c - 1] + 1});
    search.computed += columns;
    search.too_far = std::ranges::min(row) >= search.distance;
    if (search.too_far) return;
  }
  search.too_far = false;
  if (const std::size_t distance = search.rows[other.size()].back(); distance < search.distance) {
    search.distance = distance;
    search.nearest = order_[place];
  }
}

std::optional<std::size_t> NearestLine::find(std::span<const std::uint32_t> line,
                                             std::uint64_t& budget) const {
  if (order_.empty()) return std::nullopt;
  Search search;
  search.line = line;
  search.rows.emplace_back(line.size() + 1);
  std::iota(search.rows[0].begin(), search.rows[0].end(), std::size_t{0});
  // From where the line itself would stand, as near ones often begin alike, to the end, and then the rest.
  const auto first = static_cast<std::size_t>(
      std::ranges::lower_bound(
          order_, line, [](auto a, auto b) { return std::ranges::lexicographical_compare(a, b); },
          [&](std::size_t number) { return lines_[number]; }) -
      order_.begin());
  for (const auto& [begin, end] : {std::pair(first, order_.size()), std::pair(std::size_t{0}, first)}) {
    for (std::size_t place = begin; place < end && search.distance > 0; ++place) {
      ++search.computed;
      if (place > begin && search.too_far && shared_[place] >= search.known) continue;
      compare(place, place == begin ? 0 : std::min(shared_[place], search.known), search);
      if (search.computed > budget) {
        budget = 0;
        return std::nullopt;
      }
    }
  }
  budget -= search.computed;
  return search.nearest;
}

}  // namespace carousel
