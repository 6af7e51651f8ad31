#include "tasks/text_batches.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace carousel {

static constexpr std::uint64_t kShiftStream = 0x74657874;  // of random numbers

TextBatches::TextBatches(std::span<const std::size_t> symbols, std::size_t streams, std::size_t chunk,
                         bool shifted, std::uint64_t seed)
    : symbols_(symbols),
      streams_(symbols.size() < 2 ? 0 : std::min(streams, symbols.size() - 1)),
      chunk_(chunk),
      shifted_(shifted),
      seed_(seed) {}

std::size_t TextBatches::first(std::size_t epoch) const {
  // No stream gets shorter by more than half.
  const std::size_t room = streams_ == 0 ? 0 : std::min(chunk_, (symbols_.size() - 1) / streams_ / 2);
  return shifted_ && room > 0 ? Random(seed_, kShiftStream).below(epoch, room) : 0;
}

std::size_t TextBatches::batches(std::size_t epoch) const {
  if (streams_ == 0) return 0;
  const std::size_t from = first(epoch);
  std::size_t longest = 0;
  for (std::size_t s = 0; s < streams_; ++s) longest = std::max(longest, begin(from, s + 1) - begin(from, s));
  return (longest + chunk_ - 1) / chunk_;
}

Batch<float> TextBatches::get(std::size_t epoch, std::size_t index) const {
  const std::size_t from = first(epoch);
  std::vector<std::size_t> places(streams_), lengths(streams_);
  for (std::size_t s = 0; s < streams_; ++s) {
    const std::size_t end = begin(from, s + 1);
    places[s] = std::min(begin(from, s) + index * chunk_, end);
    lengths[s] = std::min(chunk_, end - places[s]);
  }
  Batch<float> batch{Sequences<float>(lengths, 1), Sequences<float>(lengths, 1),
                     std::vector<std::uint8_t>(streams_, index > 0 ? 1 : 0)};
  for (std::size_t s = 0; s < streams_; ++s)
    for (std::size_t t = 0; t < lengths[s]; ++t) {
      batch.x.at(s, t)[0] = static_cast<float>(symbols_[places[s] + t]);
      batch.targets.at(s, t)[0] = static_cast<float>(symbols_[places[s] + t + 1]);
    }
  return batch;
}

}  // namespace carousel
