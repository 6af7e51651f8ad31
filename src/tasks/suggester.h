// The words that a text may go on with, at typing speed: what was read before is not read again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/text_generator.h"

namespace carousel {

struct Suggestion {
  std::string word;        ///< whole, without the blank in front of it
  double probability = 0;  ///< among all words that fit what has been typed
};

/// Keeps a reference to the model.
class Suggester {
 public:
  /// Throws ModelError for a model of characters.
  explicit Suggester(const LanguageModel& model);

  /// The `most` likeliest words behind a text, the likeliest first (of equals the smaller in bytes); a word
  /// that the text ends in the middle of is completed. Costs one step of the network for each word that the
  /// text of the call before did not begin with. Bytes that are not UTF-8 are read as U+FFFD.
  std::vector<Suggestion> suggest(std::string_view text, std::size_t most);

 private:
  struct Read {
    std::size_t end;       // of a piece, in text_
    Tensor<float> before;  // the generator's state
  };
  /// Has the generator stand behind this text, which goes on with another piece or none.
  void go_to(std::string_view text);

  const LanguageModel& model_;
  TextGenerator beginning_, generator_;
  std::vector<std::size_t> words_;  // symbols, in order of their bytes
  std::string text_;                // that the generator stands behind
  std::vector<Read> read_;          // its pieces
};

}  // namespace carousel
