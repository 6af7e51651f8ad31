// From what a network says at each frame to a labelling: the map of connectionist temporal classification.
//
// Each frame has log probabilities of K outputs, one of them the blank. A path names one output a frame; runs
// of the same output become one symbol and blanks fall away, so that "a a - a b" is "a a b" (Graves,
// Fernández, Gomez & Schmidhuber 2006, "Connectionist Temporal Classification", sec. 3).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/compensated_sum.h"
#include "tensor/view.h"

namespace carousel {

/// A symbol and the frames [begin, end) of its run.
struct TimedSymbol {
  std::size_t symbol, begin, end;
  double log_probability;  ///< of the symbol at those frames, multiplied
  bool operator==(const TimedSymbol&) const = default;
};

struct CtcLabelling {
  std::vector<TimedSymbol> symbols;
  double log_probability = 0;  ///< of the path, blanks included
};

/// Throws Error unless there is an output that is the blank.
void check_blank(std::size_t outputs, std::size_t blank);
/// Throws Error, naming the frame, unless there are so many values and all are logarithms of probabilities:
/// neither NaN nor above 0 by more than rounding.
template <class T>
void check_frame(std::span<const T> log_probabilities, std::size_t outputs, std::size_t frame);

/// The best path, frame by frame as they come: at each the likeliest output, of equals the first.
class GreedyCtc {
 public:
  /// Throws Error unless blank is below outputs.
  GreedyCtc(std::size_t outputs, std::size_t blank);

  /// One frame [outputs] more. Gives the symbol whose run ended before it, if one did. Throws Error as
  /// check_frame.
  template <class T>
  std::optional<TimedSymbol> read(std::span<const T> log_probabilities);
  /// There is no frame more: the symbol whose run is still going on, if one is.
  std::optional<TimedSymbol> finish();

  std::size_t frames() const noexcept { return frames_; }
  /// Of the path so far.
  double log_probability() const noexcept { return path_.value(); }

 private:
  std::size_t outputs_, blank_, frames_ = 0;
  std::optional<TimedSymbol> run_;
  CompensatedSum path_;
};

/// The best path through all frames [frames, outputs] (Graves et al. 2006, sec. 3.2).
template <class T>
CtcLabelling greedy_ctc(View<const T> log_probabilities, std::size_t blank);

/// Where a labelling stands: its likeliest path through all frames. Of equally likely ones that in which,
/// looked at from the end, each output stands as long as it can. Impossible, without symbols, where frames
/// are too few: there must be one for each symbol and one for a blank between equal neighbours. Time
/// goes with frames times symbols, memory with 64 MB and a part of that. Throws Error where frames times
/// symbols and blanks between are more than 2^40, for a symbol that is none, and as check_frame.
template <class T>
CtcLabelling align_ctc(View<const T> log_probabilities, std::size_t blank,
                       std::span<const std::size_t> symbols);

}  // namespace carousel
