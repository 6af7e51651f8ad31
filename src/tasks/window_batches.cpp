#include "tasks/window_batches.h"

#include <algorithm>
#include <limits>
#include <span>

namespace carousel {
namespace {

/// Inputs of windows and what is to be put out: targets less their anchors, in sizes of their windows.
Batch<float> make_batch(const Windows& windows, const Anchors& anchors, const RelativeInputs& inputs,
                        std::span<const Window> chosen) {
  Batch<float> batch;
  windows.gather(chosen, batch.x, batch.targets);
  inputs.gather(chosen, batch.x);
  std::vector<float> anchor(windows.outputs());
  std::vector<float> size(windows.set().targets);
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    const std::size_t length = batch.x.layout().length(b);
    for (std::size_t k = 0; k < size.size(); ++k) size[k] = inputs.size(chosen[b], k);
    for (std::size_t t = 0; t < length; ++t) {
      anchors.at(windows, chosen[b].series, chosen[b].origin + 1 - length + t, anchor);
      const std::span<float> y = batch.targets.at(b, t);
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = (y[i] - anchor[i]) / size[i % size.size()];
    }
  }
  return batch;
}

}  // namespace

TrainingBatches::TrainingBatches(const Windows& windows, const Anchors& anchors, const RelativeInputs& inputs,
                                 const WindowList& list, std::size_t batch, std::size_t batches_per_epoch,
                                 std::uint64_t seed)
    : windows_(windows),
      anchors_(anchors),
      inputs_(inputs),
      list_(list),
      batch_(std::min(batch, list.size())),
      batches_per_epoch_(batches_per_epoch),
      seed_(seed) {}

std::size_t TrainingBatches::window(std::uint64_t place) const {
  const std::uint64_t shuffle = place / list_.size();
  if (order_.empty() || shuffle != order_number_) {
    order_ = list_.shuffled(seed_, shuffle);
    order_number_ = shuffle;
  }
  return order_[place % list_.size()];
}

Batch<float> TrainingBatches::get(std::size_t epoch, std::size_t index) const {
  const std::uint64_t first = (std::uint64_t{epoch} * batches_per_epoch_ + index) * batch_;
  std::vector<Window> chosen;
  for (std::size_t i = 0; i < batch_; ++i) chosen.push_back(list_[window(first + i)]);
  return make_batch(windows_, anchors_, inputs_, chosen);
}

Batch<float> ValidationBatches::get(std::size_t, std::size_t index) const {
  std::vector<Window> chosen;
  for (std::size_t i = index * batch_; i < std::min(numbers_.size(), (index + 1) * batch_); ++i)
    chosen.push_back(list_[numbers_[i]]);
  Batch<float> batch = make_batch(windows_, anchors_, inputs_, chosen);
  for (std::size_t b = 0; b < chosen.size(); ++b)
    for (std::size_t t = 0; t + 1 < batch.targets.layout().length(b); ++t)
      std::ranges::fill(batch.targets.at(b, t), std::numeric_limits<float>::quiet_NaN());
  return batch;
}

}  // namespace carousel
