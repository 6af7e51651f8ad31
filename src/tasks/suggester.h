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
  /// text of the call before did not begin with. Throws DataError for what is not UTF-8 (settings.invalid).
  std::vector<Suggestion> suggest(std::string_view text, std::size_t most);

 private:
  /// Has the generator stand behind these symbols.
  void go_to(std::span<const std::size_t> symbols);

  const LanguageModel& model_;
  TextGenerator beginning_, generator_;
  std::vector<std::size_t> read_;      // symbols that the generator stands behind
  std::vector<Tensor<float>> before_;  // its state before each of them
};

}  // namespace carousel
