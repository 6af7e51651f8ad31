// How English words are spoken: letters in, phonemes out (CMU pronouncing dictionary; Yao & Zweig,
// Interspeech 2015).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lab/experiment.h"

namespace carousel::lab {

/// The dictionary's text, WORD PHONEME PHONEME ... a line, as pairs of lines, WORD TAB PHONEMES: without
/// stress and remarks, none twice; what it calls WORD(2) is one more answer for WORD.
std::string pronunciation_pairs(std::string_view dictionary);

/// An encoder-decoder with attention. figure: share of 10,085 words told wrong. Met: at most 45 %, with at
/// most 11 % of the phonemes.
extern const Experiment kPronounce;

}  // namespace carousel::lab
