#include "tasks/music_batches.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"

namespace carousel {
namespace {

constexpr std::uint64_t kOrderStream = 0x6d75736963;  // of random numbers; two an epoch

}  // namespace

MusicBatches::MusicBatches(std::span<const MusicPiece> pieces, const Options& options)
    : pieces_(pieces), options_(options) {}

std::vector<std::size_t> MusicBatches::order(std::size_t epoch) const {
  std::vector<std::size_t> numbers(pieces_.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  if (options_.shuffled) Random(options_.seed, kOrderStream + 2 * epoch).shuffle(numbers);
  return numbers;
}

std::size_t MusicBatches::chunks(std::span<const std::size_t> group) const {
  std::size_t longest = 0;
  for (const std::size_t piece : group) longest = std::max(longest, pieces_[piece].steps.size());
  return (longest + options_.chunk - 1) / options_.chunk;
}

std::size_t MusicBatches::batches(std::size_t epoch) const {
  const std::vector<std::size_t> all = order(epoch);
  std::size_t count = 0;
  for (std::size_t at = 0; at < all.size(); at += options_.rows)
    count += chunks(std::span(all).subspan(at, std::min(options_.rows, all.size() - at)));
  return count;
}

std::ptrdiff_t MusicBatches::shift(std::size_t epoch, std::size_t piece) const {
  if (!options_.shuffled || options_.transpose == 0) return 0;
  const auto most = static_cast<std::ptrdiff_t>(options_.transpose);
  const auto lowest = static_cast<std::ptrdiff_t>(lowest_pitch(options_.keys)),
             end = lowest + static_cast<std::ptrdiff_t>(pitches(options_.keys));
  std::ptrdiff_t down = -most, up = most;
  for (const std::vector<std::uint8_t>& step : pieces_[piece].steps) {
    if (step.empty()) continue;
    down = std::max(down, lowest - step.front());
    up = std::min(up, end - 1 - step.back());
  }
  const Random random(options_.seed, kOrderStream + 2 * epoch + 1);
  return down + static_cast<std::ptrdiff_t>(random.below(piece, static_cast<std::uint64_t>(up - down + 1)));
}

Batch<float> MusicBatches::get(std::size_t epoch, std::size_t index) const {
  const std::vector<std::size_t> all = order(epoch);
  std::span<const std::size_t> group;
  std::size_t at = 0;
  for (;; at += options_.rows) {
    group = std::span(all).subspan(at, std::min(options_.rows, all.size() - at));
    if (index < chunks(group)) break;
    index -= chunks(group);
  }
  const std::size_t first = index * options_.chunk;
  std::vector<std::size_t> lengths;
  for (const std::size_t piece : group) {
    const std::size_t steps = pieces_[piece].steps.size();
    lengths.push_back(std::min(options_.chunk, steps - std::min(first, steps)));
  }
  const std::size_t columns = pitches(options_.keys);
  Batch<float> batch{Sequences<float>(lengths, columns), Sequences<float>(lengths, columns),
                     std::vector<std::uint8_t>(group.size(), index > 0 ? 1 : 0)};
  for (std::size_t b = 0; b < group.size(); ++b) {
    const PitchSteps& steps = pieces_[group[b]].steps;
    const std::ptrdiff_t move =
        shift(epoch, group[b]) - static_cast<std::ptrdiff_t>(lowest_pitch(options_.keys));
    const auto play = [&](std::size_t step, std::span<float> row) {
      for (const std::uint8_t pitch : steps[step]) row[static_cast<std::size_t>(pitch + move)] = 1;
    };
    for (std::size_t t = 0; t < lengths[b]; ++t) {
      if (first + t > 0) play(first + t - 1, batch.x.at(b, t));
      play(first + t, batch.targets.at(b, t));
    }
  }
  return batch;
}

}  // namespace carousel
