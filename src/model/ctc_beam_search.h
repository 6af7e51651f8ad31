// Search for the likeliest labelling of a network trained by connectionist temporal classification.
//
// Prefixes of labellings are followed frame by frame. Of each, two probabilities are kept: of all its paths
// that end in a blank, and of those that end in its last symbol; so the probability of a prefix is a sum over
// paths, and prefixes written in several ways are one (Graves, Fernández, Gomez & Schmidhuber 2006, sec. 3.2;
// Hannun, Maas, Jurafsky & Ng 2014, "First-Pass Large Vocabulary Continuous Speech Recognition using
// Bi-Directional Recurrent DNNs", algorithm 1). After each frame the `width` best go on, by
//
//   score = log P(prefix) + language_weight sum log p(symbol | symbols before it) + symbol_bonus n
//
// n symbols. Of equal scores prefixes that were there before rank first, as they ranked; then new ones like
// those they continue, and by number of symbol. Bits do not depend on the CPU or on anything beside the
// search.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "model/ctc_labelling.h"

namespace carousel {

/// Says how likely each symbol is to come next. Symbols have the numbers of the network's outputs.
class SymbolModel {
 public:
  /// What it knows of a prefix; each model has its own.
  struct State {
    virtual ~State() = default;
  };
  using StatePointer = std::shared_ptr<const State>;

  virtual ~SymbolModel() = default;
  /// Before the first symbol.
  virtual StatePointer start() const = 0;
  /// With one symbol more.
  virtual StatePointer after(const State& state, std::size_t symbol) const = 0;
  /// Writes log p of each output as the next symbol; the blank's is not looked at. Called once for each
  /// state.
  virtual void log_probabilities(const State& state, std::span<double> out) const = 0;
};

struct CtcSearchOptions {
  static constexpr std::size_t kMaxWidth = 65536;
  static constexpr double kMaxWeight = 1000;  ///< and bonus, either way

  std::size_t width = 16;      ///< prefixes at a time
  std::size_t results = 1;     ///< labellings returned at most, no more than width
  double language_weight = 0;  ///< alpha: of the language model; 0: it is not asked
  double symbol_bonus = 0;     ///< beta: for each symbol, since a language model prefers short labellings
};

struct CtcHypothesis {
  std::vector<TimedSymbol> symbols;  ///< where each stands on the labelling's likeliest path: align_ctc
  double log_probability;            ///< of the labelling: all its paths that the search followed
  double score;
};

/// The best labellings by score, each once; impossible ones are left out. language may be null. Throws
/// SettingError for options out of range; Error as check_blank and check_frame, and for log probabilities
/// of the language model that are NaN or above 0.
template <class T>
std::vector<CtcHypothesis> ctc_beam_search(View<const T> log_probabilities, std::size_t blank,
                                           const CtcSearchOptions& options,
                                           const SymbolModel* language = nullptr);

}  // namespace carousel
