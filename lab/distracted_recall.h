// Distracted sequence recall: Monner & Reggia, Neural Networks 25, 2012, learned by LSTM-g's own rule. Of ten
// symbols four are targets, four distractors, two prompts. A sequence has 22 symbols, two targets somewhere
// among distractors, then the two prompts: at the first one the network should name the first target, at the
// other the second one.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "lab/experiment.h"

namespace carousel::lab {

inline constexpr std::size_t kRecallSymbols = 10, kRecallTargets = 4, kRecallSteps = 24;

struct RecallSequence {
  std::uint8_t symbols[kRecallSteps];
  std::uint8_t targets[2];  ///< in the order of their coming
};
RecallSequence distracted_recall(const Random& random);

/// Eight cells as units, connections and gates. A sequence is right if at both prompts the unit of the target
/// is the most active. figure: share of the last 1,000 sequences that are right, while it learns. Met: 95 %
/// within 100,000 sequences.
extern const Experiment kDistractedRecall;

}  // namespace carousel::lab
