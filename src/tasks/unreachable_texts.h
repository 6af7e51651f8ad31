// Texts that no weights could teach: CTC writes at most one symbol a step.
#pragma once

#include <cstddef>
#include <functional>

#include "tasks/sequence_data.h"

namespace carousel {

/// Takes the examples out of the training and the validation part whose texts CTC cannot write: they need
/// more steps (ctc_steps) than the network, to which output_length tells the outputs of so many steps, puts
/// out. No weights could learn them. The test part keeps them: what is not read there is an error. Throws
/// DataError where none is left to train on.
void leave_out_unreachable(SequenceData& data, const std::function<std::size_t(std::size_t)>& output_length);

}  // namespace carousel
