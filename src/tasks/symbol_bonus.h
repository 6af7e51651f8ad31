// How long texts of a transducer should be: found on examples whose texts are known. Where it writes a symbol
// is spread over many steps, of which a search follows few; so texts come out too short without a bonus for
// each symbol.
#pragma once

#include "base/thread_pool.h"
#include "tasks/transcription.h"

namespace carousel {

/// The bonus from 0 to 5 with the fewest wrong symbols on the validation part, or the training part where
/// there is none, 500 examples of it at most, in steps of 0.5; the middle one of those beside it that are as
/// good. 0 where the network gives no numbers.
double find_symbol_bonus(const SequenceModel& model, const SequenceData& data, ThreadPool& pool);

}  // namespace carousel
