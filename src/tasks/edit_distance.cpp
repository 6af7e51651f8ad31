#include "tasks/edit_distance.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "tasks/ratio.h"

namespace carousel {
namespace {

constexpr std::size_t kMostPairs = std::size_t{1} << 30;

/// Numbers for words, the same in both.
class Numbering {
 public:
  std::vector<std::size_t> numbers(std::span<const std::string> words) {
    std::vector<std::size_t> result;
    result.reserve(words.size());
    for (const std::string& word : words)
      result.push_back(numbers_.try_emplace(word, numbers_.size()).first->second);
    return result;
  }

 private:
  std::map<std::string_view, std::size_t> numbers_;
};

/// How an alignment of the first symbols of both ends. Equal distances: a pair, a deletion, an insertion.
EditKind last_edit(std::uint64_t pair, std::uint64_t deletion, std::uint64_t insertion, bool same) {
  if (pair <= deletion && pair <= insertion) return same ? EditKind::match : EditKind::substitution;
  return deletion <= insertion ? EditKind::deletion : EditKind::insertion;
}

void count(EditCounts& counts, EditKind kind) {
  switch (kind) {
    case EditKind::match:
      ++counts.matches;
      break;
    case EditKind::substitution:
      ++counts.substitutions;
      break;
    case EditKind::insertion:
      ++counts.insertions;
      break;
    case EditKind::deletion:
      ++counts.deletions;
      break;
  }
}

}  // namespace

EditCounts& EditCounts::operator+=(const EditCounts& other) noexcept {
  matches += other.matches;
  substitutions += other.substitutions;
  insertions += other.insertions;
  deletions += other.deletions;
  return *this;
}

Alignment align(std::span<const std::size_t> reference, std::span<const std::size_t> hypothesis) {
  const std::size_t rows = reference.size() + 1, columns = hypothesis.size() + 1;
  if (columns > kMostPairs / rows)
    throw Error(fmt::format("[align] expected at most {} pairs of symbols, got {} and {} symbols", kMostPairs,
                            reference.size(), hypothesis.size()));
  std::vector<EditKind> last(rows * columns);
  std::vector<std::size_t> distance(columns);  // of the row at hand; before it, of the one above
  for (std::size_t h = 1; h < columns; ++h) distance[h] = h, last[h] = EditKind::insertion;
  for (std::size_t r = 1; r < rows; ++r) {
    std::size_t diagonal = distance[0];
    distance[0] = r;
    last[r * columns] = EditKind::deletion;
    for (std::size_t h = 1; h < columns; ++h) {
      const bool same = reference[r - 1] == hypothesis[h - 1];
      const std::size_t pair = diagonal + (same ? 0 : 1), deletion = distance[h] + 1,
                        insertion = distance[h - 1] + 1;
      diagonal = distance[h];
      last[r * columns + h] = last_edit(pair, deletion, insertion, same);
      distance[h] = std::min({pair, deletion, insertion});
    }
  }
  Alignment result;
  for (std::size_t r = rows - 1, h = columns - 1; r > 0 || h > 0;) {
    const EditKind kind = last[r * columns + h];
    r -= kind == EditKind::insertion ? 0 : 1;
    h -= kind == EditKind::deletion ? 0 : 1;
    result.edits.push_back({kind, r, h});
    count(result.counts, kind);
  }
  std::ranges::reverse(result.edits);
  return result;
}

EditCounts count_edits(std::span<const std::size_t> reference, std::span<const std::size_t> hypothesis) {
  std::vector<EditCounts> best(hypothesis.size() + 1);
  for (std::size_t h = 1; h < best.size(); ++h) best[h].insertions = h;
  for (std::size_t r = 1; r <= reference.size(); ++r) {
    EditCounts diagonal = best[0];
    ++best[0].deletions;
    for (std::size_t h = 1; h < best.size(); ++h) {
      const bool same = reference[r - 1] == hypothesis[h - 1];
      const EditCounts above = best[h];
      const EditKind kind = last_edit(diagonal.distance() + (same ? 0 : 1), above.distance() + 1,
                                      best[h - 1].distance() + 1, same);
      best[h] = kind == EditKind::insertion ? best[h - 1] : kind == EditKind::deletion ? above : diagonal;
      count(best[h], kind);
      diagonal = above;
    }
  }
  return best.back();
}

Alignment align(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  Numbering numbering;
  const std::vector<std::size_t> numbers = numbering.numbers(reference);
  return align(numbers, numbering.numbers(hypothesis));
}

EditCounts count_edits(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  Numbering numbering;
  const std::vector<std::size_t> numbers = numbering.numbers(reference);
  return count_edits(numbers, numbering.numbers(hypothesis));
}

void ErrorRate::add(const EditCounts& counts) noexcept {
  counts_ += counts;
  ++sequences_;
  wrong_ += counts.distance() > 0 ? 1 : 0;
}

ErrorRate& ErrorRate::operator+=(const ErrorRate& other) noexcept {
  counts_ += other.counts_;
  sequences_ += other.sequences_;
  wrong_ += other.wrong_;
  return *this;
}

double ErrorRate::rate() const noexcept { return ratio(counts_.distance(), counts_.reference()); }
double ErrorRate::sequence_rate() const noexcept { return ratio(wrong_, sequences_); }

}  // namespace carousel
