// Examples as batches for the trainer: those of like length together, in an order of its own in every epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tasks/sequence_data.h"
#include "training/batch_source.h"

namespace carousel {

/// What one sequence of a batch is: an example of the part, or several joined, one behind the other in time.
using SequenceRow = std::vector<std::size_t>;

class SequenceBatches final : public BatchSource<float> {
 public:
  /// Keeps references to coding and the part's sources. rows: of a batch. training: examples come in a new
  /// order, joined (settings.join) and changed (noise, masks) anew in every epoch; else by length, joined
  /// always alike.
  SequenceBatches(const SequenceCoding& coding, const SequencePart& part, std::size_t rows, bool training);

  std::size_t batches(std::size_t epoch) const override;
  /// Targets as the job's loss takes them: one; one for each step; or symbols. Those that the model does not
  /// know are NaN, or left out of texts.
  Batch<float> get(std::size_t epoch, std::size_t index) const override;

  std::vector<SequenceRow> rows(std::size_t epoch, std::size_t index) const;
  std::size_t steps(const SequenceRow& row) const;
  /// Of all its examples, -1 for one that the model does not know.
  std::vector<std::int64_t> targets(const SequenceRow& row) const;

 private:
  const std::vector<SequenceRow>& order(std::size_t epoch) const;
  void fill(Sequences<float>& x, std::size_t b, const SequenceRow& row, std::size_t epoch) const;

  const SequenceCoding& coding_;
  SequencePart part_;
  std::size_t rows_;
  bool training_;
  SequenceInputs inputs_;
  SequenceTargets targets_;
  // The order asked for last.
  mutable std::size_t epoch_ = static_cast<std::size_t>(-1);
  mutable std::vector<SequenceRow> order_;
  mutable std::vector<std::size_t> batch_order_;
};

}  // namespace carousel
