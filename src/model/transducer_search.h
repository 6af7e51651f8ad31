// Search for the likeliest symbols of a transducer, a few hypotheses at a time, step by step of the source.
//
// At each step of the encoder's output every hypothesis either ends the step (the blank) or is continued by a
// symbol and stays, up to `max_a_step` symbols. Hypotheses of the same symbols that end a step are one, and
// their probabilities are added. After each symbol the `width` best of those that have ended the step and
// those that go on are kept, by
//
//   score = log P + symbol_bonus n
//
// n symbols; of equal scores those that have ended, then those that continue the earlier one, then those with
// the lower symbol. With width 1 and no bonus it is the greedy one. A width that leaves nothing out gives
// each sequence of symbols the probability that the loss "transducer" is the logarithm of, as far as
// max_a_step symbols a step. Graves, "Sequence Transduction with Recurrent Neural Networks", 2012, 2.4; the
// order of work is that of the time-synchronous decoding of Saon, Tueske & Audhkhasi, ICASSP 2020. All of it
// is each source's own: neither the other sources nor threads change a bit.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "model/transducer_parts.h"

namespace carousel {

struct TransducerSearchOptions {
  static constexpr std::size_t kMaxWidth = 4096;

  std::size_t width = 1;        ///< hypotheses at a time, and how many are returned at most
  std::size_t max_a_step = 10;  ///< symbols that may be put out at one step of the encoder's output
  double symbol_bonus = 0;      ///< for each symbol, since a beam loses more paths of long texts
};

struct TransducerHypothesis {
  std::vector<std::size_t> symbols;
  std::vector<std::size_t> steps;  ///< of the encoder's output at which each symbol is put out; of paths that
                                   ///< became one, those of the likelier
  double log_probability = 0;      ///< of all paths found
  double score = 0;                ///< with the bonuses
};

/// For each sequence of the memory the transcripts found, the best first. start: the first state of the
/// prediction network. Throws SettingError for options out of range, and NoNumbers.
template <class T>
std::vector<std::vector<TransducerHypothesis>> transducer_search(ThreadPool& pool,
                                                                 const TransducerParts<T>& parts,
                                                                 const Sequences<T>& memory,
                                                                 std::span<const T> start,
                                                                 const TransducerSearchOptions& options);

}  // namespace carousel
