// A small LSTM imitates a guitar amplifier: a model of one by Neural Amp Modeler, itself an LSTM. What it
// hears are plucked strings, made up as Karplus & Strong, Computer Music Journal 7, 1983, do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lab/experiment.h"

namespace carousel::lab {

/// So many samples of strings plucked now and then, one or two at a time, loud and soft, 82 to 660 Hz;
/// largest magnitude at most 1.
std::vector<float> plucked_strings(std::uint64_t seed, std::size_t samples, std::uint32_t rate);

/// Learns from 10 s. figure: energy of the error over that of the amplifier's output about its mean, the
/// larger of that on 4 s of other strings and that on the signal that comes with the model. Met: at most 1 %.
extern const Experiment kAmp;

}  // namespace carousel::lab
