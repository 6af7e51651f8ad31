// Where in a stream a keyword is said, by the outputs of a network trained by connectionist temporal
// classification.
//
// Beside the keyword's symbols, in order, with a blank between wherever it likes, stands a filler that is at
// every frame the likeliest output, whatever that is (keyword against garbage model: Rohlicek, Russell,
// Roukos & Gish 1989). At each frame the logarithm of the ratio of the two is 0 or less, and 0 all along
// where the best path says the keyword. Of all ways to end the keyword at a frame the one with the largest
// sum of them is kept (Viterbi); its score is that sum over the number of frames in which a symbol of the
// keyword is said: pauses between symbols, where a blank costs nothing, shall not make up for a symbol that
// was not there.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/ctc_labelling.h"

namespace carousel {

/// Frames [begin, end), from the first of the first symbol to the last of the last.
struct KeywordWindow {
  std::size_t begin, end;
  double score;  ///< 0: as likely as anything; -inf: impossible
  bool operator==(const KeywordWindow&) const = default;
};

/// One keyword, looked for in frames as they come.
class KeywordSpotter {
 public:
  /// Throws Error unless blank is below outputs, and the keyword has a symbol and consists of outputs but the
  /// blank.
  KeywordSpotter(std::size_t outputs, std::size_t blank, std::vector<std::size_t> keyword);

  /// One frame [outputs] more. The best window that ends with it; impossible ones have the score -inf. Of
  /// equal sums that which begins later, but the first symbol's run counts from its first frame. Throws Error
  /// as check_frame.
  template <class T>
  KeywordWindow read(std::span<const T> log_probabilities);

 private:
  struct Way {
    double sum;
    std::size_t begin, said;  // said: frames of symbols
  };
  static bool better(const Way& a, const Way& b) noexcept {
    return a.sum > b.sum || (a.sum == b.sum && a.begin > b.begin);
  }

  std::size_t outputs_, blank_, frames_ = 0;
  std::vector<std::size_t> keyword_;
  std::vector<Way> ways_;  // symbol, blank, symbol ... symbol
};

/// One keyword in a stream: windows with scores from `threshold` on that have no frame in common, told in the
/// order of time.
class KeywordStream {
 public:
  KeywordStream(KeywordSpotter spotter, double threshold)
      : spotter_(std::move(spotter)), threshold_(threshold) {}

  /// One frame [outputs] more. A window is told at the first frame that ends none that overlaps it; of those
  /// that overlapped it was the best, of equally good ones the longest. What has been told stays told: what
  /// overlaps it and comes later is left out, even a better one. Throws Error as KeywordSpotter.
  template <class T>
  std::optional<KeywordWindow> read(std::span<const T> log_probabilities);
  /// The window that was still open at the end.
  std::optional<KeywordWindow> finish() noexcept;

 private:
  KeywordSpotter spotter_;
  double threshold_;
  std::optional<KeywordWindow> open_;
  std::size_t told_ = 0;  // frames up to the end of the last window told
};

/// All windows with scores from `threshold` on that have no frame in common, the best first. Of those that
/// overlap the better one stays; of equally good ones the longer, and then the earlier. Throws Error as
/// KeywordSpotter.
template <class T>
std::vector<KeywordWindow> spot_keyword(View<const T> log_probabilities, std::size_t blank,
                                        std::span<const std::size_t> keyword, double threshold);

}  // namespace carousel
