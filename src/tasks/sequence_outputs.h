// What a network makes of examples, for judging and predicting.
#pragma once

#include <functional>

#include "base/thread_pool.h"
#include "tasks/sequence_batches.h"
#include "tasks/sequence_model.h"

namespace carousel {

/// Calls take(row, y, b) for every row of the part: sequence b of y holds logarithms of the probabilities of
/// what the network says, one row of them for each step that comes out. Rows of like length come together;
/// each once.
void for_each_output(
    const SequenceModel& model, const SequencePart& part, ThreadPool& pool,
    const std::function<void(const SequenceRow& row, const Sequences<float>& y, std::size_t b)>& take);

/// The same of one sequence of steps as the network reads them, x [T, 1, features].
Sequences<float> outputs_of(const SequenceModel& model, const Sequences<float>& x, ThreadPool& pool);

}  // namespace carousel
