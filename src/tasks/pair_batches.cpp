#include "tasks/pair_batches.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/random.h"

namespace carousel {
namespace {

constexpr std::uint64_t kPairStream = 0x70616972,
                        kBatchStream = 0x62617463;         // of random numbers, one an epoch
constexpr std::uint64_t kEpochs = std::uint64_t{1} << 32;  // between streams

}  // namespace

void SymbolLines::add(std::span<const std::size_t> symbols) {
  for (const std::size_t symbol : symbols) symbols_.push_back(static_cast<std::uint32_t>(symbol));
  ends_.push_back(symbols_.size());
}

Sequences<float> line_sequences(const SymbolLines& lines, std::span<const std::size_t> numbers) {
  std::vector<std::size_t> lengths;
  lengths.reserve(numbers.size());
  for (const std::size_t number : numbers) lengths.push_back(lines[number].size());
  Sequences<float> result(lengths, 1);
  for (std::size_t b = 0; b < numbers.size(); ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t)
      result.at(b, t)[0] = static_cast<float>(lines[numbers[b]][t]);
  return result;
}

void PairBatches::arrange(std::size_t epoch) const {
  if (!shuffled_) epoch = 0;
  if (!order_.empty() && epoch_ == epoch) return;
  epoch_ = epoch;
  order_.resize(pairs_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  batches_.resize(batches(epoch));
  std::iota(batches_.begin(), batches_.end(), std::size_t{0});
  if (shuffled_) {
    Random(seed_, kPairStream * kEpochs + epoch).shuffle(order_);
    Random(seed_, kBatchStream * kEpochs + epoch).shuffle(batches_);
  }
  const std::size_t window = shuffled_ ? batch_ * kWindow : order_.size();
  const auto length = [&](std::size_t number) {
    return std::tuple(pairs_.targets[number].size(), pairs_.sources[number].size(), number);
  };
  for (std::size_t begin = 0; begin < order_.size(); begin += window)
    std::ranges::sort(std::span(order_).subspan(begin, std::min(window, order_.size() - begin)), {}, length);
}

std::span<const std::size_t> PairBatches::numbers(std::size_t epoch, std::size_t index) const {
  arrange(epoch);
  const std::size_t begin = batches_[index] * batch_;
  return std::span(std::as_const(order_)).subspan(begin, std::min(batch_, order_.size() - begin));
}

Batch<float> PairBatches::get(std::size_t epoch, std::size_t index) const {
  const std::span<const std::size_t> chosen = numbers(epoch, index);
  return {line_sequences(pairs_.sources, chosen), line_sequences(pairs_.targets, chosen), {}};
}

}  // namespace carousel
