#include "tasks/window_memory.h"

#include <algorithm>
#include <limits>
#include <memory>

namespace carousel {

void gather_memory(const Windows& windows, std::span<const Window> chosen, Sequences<float>& x,
                   Sequences<float>& y) {
  const std::size_t inputs = windows.inputs(), targets = windows.set().targets;
  std::vector<std::size_t> lengths(chosen.size());
  for (std::size_t b = 0; b < chosen.size(); ++b)
    lengths[b] = 2 * std::min(windows.settings().context, chosen[b].origin + 1);
  x.reshape(std::make_shared<SequenceLayout>(lengths), inputs + 1);
  y.reshape(x.layout_pointer(), targets);
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    const Window& window = chosen[b];
    const std::size_t length = lengths[b] / 2, first = window.origin + 1 - length;
    for (std::size_t t = 0; t < length; ++t) {
      windows.input_row(window.series, first + t, x.at(b, t).first(inputs));
      x.at(b, t)[inputs] = 0.0F;
      std::ranges::fill(y.at(b, t), std::numeric_limits<float>::quiet_NaN());
      const std::span<float> nothing = x.at(b, length + t);
      std::ranges::fill(nothing, 0.0F);
      nothing[inputs] = 1.0F;
      for (std::size_t k = 0; k < targets; ++k) {
        const double value = windows.set().series[window.series].columns[k][window.origin - t];
        y.at(b, length + t)[k] = static_cast<float>(windows.scalers(window.series)[k].apply(value));
      }
    }
  }
}

MemoryBatches::MemoryBatches(const Windows& windows, const WindowList& list, std::size_t batch,
                             std::size_t batches_per_epoch, std::uint64_t seed)
    : windows_(windows),
      list_(list),
      shuffled_(true),
      seed_(seed),
      batch_(std::min(batch, list.size())),
      batches_(batches_per_epoch) {}

MemoryBatches::MemoryBatches(const Windows& windows, const WindowList& list, std::vector<std::size_t> numbers,
                             std::size_t batch)
    : windows_(windows),
      list_(list),
      shuffled_(false),
      order_(std::move(numbers)),
      batch_(batch),
      batches_((order_.size() + batch - 1) / batch) {}

std::size_t MemoryBatches::window(std::uint64_t place) const {
  if (!shuffled_) return order_[place];
  const std::uint64_t shuffle = place / list_.size();
  if (order_.empty() || shuffle != order_number_) {
    order_ = list_.shuffled(seed_, shuffle);
    order_number_ = shuffle;
  }
  return order_[place % list_.size()];
}

Batch<float> MemoryBatches::get(std::size_t epoch, std::size_t index) const {
  const std::uint64_t first = (std::uint64_t{shuffled_ ? epoch : 0} * batches_ + index) * batch_;
  const std::uint64_t end =
      shuffled_ ? first + batch_ : std::min<std::uint64_t>(order_.size(), first + batch_);
  std::vector<Window> chosen;
  for (std::uint64_t place = first; place < end; ++place) chosen.push_back(list_[window(place)]);
  Batch<float> batch;
  gather_memory(windows_, chosen, batch.x, batch.targets);
  return batch;
}

}  // namespace carousel
