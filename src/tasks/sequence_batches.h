// Examples as batches for the trainer: those of like length together, in an order of its own in every epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tasks/sequence_data.h"
#include "training/batch_source.h"

namespace carousel {

class SequenceBatches final : public BatchSource<float> {
 public:
  /// Keeps references to coding and the part's sources. batch: examples each. shuffled: for training; else
  /// examples come in order of their lengths.
  SequenceBatches(const SequenceCoding& coding, const SequencePart& part, std::size_t batch, bool shuffled);

  std::size_t batches(std::size_t epoch) const override;
  /// Targets as the job's loss takes them: one, or one for each step; NaN for one that the model does not
  /// know.
  Batch<float> get(std::size_t epoch, std::size_t index) const override;
  /// Which examples of the part a batch is of.
  std::vector<std::size_t> members(std::size_t epoch, std::size_t index) const;

 private:
  const std::vector<std::size_t>& order(std::size_t epoch) const;

  const SequenceCoding& coding_;
  SequencePart part_;
  std::size_t batch_;
  bool shuffled_;
  std::vector<SequenceInputs> inputs_;  // by source, as sources_
  std::vector<SequenceTargets> targets_;
  std::vector<const SequenceSource*> sources_;
  // The order asked for last.
  mutable std::size_t epoch_ = static_cast<std::size_t>(-1);
  mutable std::vector<std::size_t> order_, batch_order_;
};

}  // namespace carousel
