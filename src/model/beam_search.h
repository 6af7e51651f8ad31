// Search for the likeliest sequence of symbols, a few hypotheses at a time.
//
// At each step every hypothesis is continued by every symbol and by the end. The continuations are ranked by
// probability; those that rank before the `width`-th one that goes on and are ended are kept as finished, and
// `width` go on. After max_length symbols nothing but the end may follow. Equally probable ones rank like the
// hypotheses that they continue, then by number of symbol, the end last. Finished ones are ranked by
//
//   score = log probability / ((5 + n) / 6)^length_penalty,  n symbols, the end counted (Wu et al. 2016, eq.
//   14)
//
// of equal ones the one found first. The search is over when nothing that goes on could still come among the
// best `width`. With width 1 and no penalty it is the greedy one. All of it is each source's own: neither the
// other sources nor threads change a bit.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "layers/attention_decoder.h"

namespace carousel {

struct SearchOptions {
  std::size_t width = 1;         ///< hypotheses at a time, and how many are returned at most
  std::size_t max_length = 100;  ///< symbols, the end not counted
  double length_penalty = 0;     ///< above 0: longer ones are preferred
};

template <class T>
struct Hypothesis {
  std::vector<std::size_t> symbols;  ///< the end left out
  double log_probability;            ///< of the symbols and the end
  double score;
  Tensor<T> attention;  ///< [symbols and the end, steps of the memory] weights, each row sums to one
};

/// For each sequence of the memory, whose decoder begins with its row of start [B, state_size()], the
/// hypotheses finished, the best first. Throws SettingError for options out of range, and Error if
/// probabilities are no numbers.
template <class T>
std::vector<std::vector<Hypothesis<T>>> beam_search(ThreadPool& pool, const AttentionDecoder<T>& decoder,
                                                    const Sequences<T>& memory, View<const T> start,
                                                    const SearchOptions& options);

}  // namespace carousel
