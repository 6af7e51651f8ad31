// What a network makes of examples, for judging and predicting.
#pragma once

#include <functional>

#include "base/thread_pool.h"
#include "tasks/sequence_model.h"

namespace carousel {

/// Calls take(i, y, b) for every example i of the part: sequence b of y holds the logarithms of what it is
/// told as, one row for each step that comes out. Examples of like length come together; each once.
void for_each_output(
    const SequenceModel& model, const SequencePart& part, ThreadPool& pool,
    const std::function<void(std::size_t i, const Sequences<float>& y, std::size_t b)>& take);

}  // namespace carousel
