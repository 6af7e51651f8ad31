// What can be told of classes without a network.
#pragma once

#include <cstdint>
#include <vector>

#include "tasks/class_evaluation.h"

namespace carousel {

/// Judged as the model is, from what the training part shows:
///   most frequent  always the same class
///   nearest mean   classify: the class whose mean lies nearest (Euclid), of each feature in eight equal
///                  stretches of a sequence; label: of each step's features
///   by symbol      label, where steps are symbols: the class most often seen with the symbol
///   hidden Markov  where settings.hidden_markov asks for it: tasks/hidden_markov_baseline.h
std::vector<ClassScore> class_baselines(const SequenceCoding& coding, const SequencePart& train,
                                        const SequencePart& test, ThreadPool& pool, const TellWork& tell);

}  // namespace carousel
