// Windows as batches for the trainer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tasks/anchors.h"
#include "tasks/relative_inputs.h"
#include "training/batch_source.h"

namespace carousel {

/// Training batches: an endless row of shuffles of all windows, cut into epochs of so many batches; every row
/// of a window is predicted from. Keeps references.
class TrainingBatches final : public BatchSource<float> {
 public:
  TrainingBatches(const Windows& windows, const Anchors& anchors, const RelativeInputs& inputs,
                  const WindowList& list, std::size_t batch, std::size_t batches_per_epoch,
                  std::uint64_t seed);
  std::size_t batches(std::size_t) const override { return batches_per_epoch_; }
  /// Not to be called by two threads at once: the last shuffles are kept.
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

 private:
  std::size_t window(std::uint64_t place) const;

  const Windows& windows_;
  const Anchors& anchors_;
  const RelativeInputs& inputs_;
  const WindowList& list_;
  std::size_t batch_, batches_per_epoch_;
  std::uint64_t seed_;
  mutable std::vector<std::size_t> order_;
  mutable std::uint64_t order_number_ = 0;
};

/// Validation batches: given windows, of which only the last row, the forecast proper, counts. Keeps
/// references.
class ValidationBatches final : public BatchSource<float> {
 public:
  ValidationBatches(const Windows& windows, const Anchors& anchors, const RelativeInputs& inputs,
                    const WindowList& list, std::vector<std::size_t> numbers, std::size_t batch)
      : windows_(windows),
        anchors_(anchors),
        inputs_(inputs),
        list_(list),
        numbers_(std::move(numbers)),
        batch_(batch) {}
  std::size_t batches(std::size_t) const override { return (numbers_.size() + batch_ - 1) / batch_; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

 private:
  const Windows& windows_;
  const Anchors& anchors_;
  const RelativeInputs& inputs_;
  const WindowList& list_;
  std::vector<std::size_t> numbers_;
  std::size_t batch_;
};

}  // namespace carousel
