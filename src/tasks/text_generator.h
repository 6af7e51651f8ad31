// A language model at work: what comes next after a text, one symbol after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/language_model.h"

namespace carousel {

/// How the next symbol is drawn. The unknown one never is.
struct SamplingOptions {
  double temperature = 1;  ///< logits are divided by it; 0: the most likely symbol
  std::size_t top_k = 0;   ///< among the k most likely; 0: among all
  std::uint64_t seed = 0;
};
/// Throws SettingError naming the option.
void check_options(const SamplingOptions& options);

/// A text to go on with. A blank at its end belongs to the symbol that comes next, where symbols of the model
/// begin with one.
struct Prompt {
  std::vector<std::size_t> symbols;
  std::string beginning;  ///< of the next symbol: this blank, or nothing
};
/// Throws DataError for what is not UTF-8 (settings.invalid).
Prompt prompt_of(const LanguageCoding& coding, std::string text, const std::string& source);

/// Keeps a reference to the model.
class TextGenerator {
 public:
  /// Has read a line's end, where the vocabulary has one, else its first symbol: a text begins anew.
  explicit TextGenerator(const LanguageModel& model);

  /// Goes on behind these symbols.
  void read(std::span<const std::size_t> symbols);
  /// Of each symbol to be the next one, logarithms: [vocabulary].
  std::span<const float> log_probabilities() const { return log_probabilities_; }
  /// What it remembers, [1, state].
  const Tensor<float>& state() const { return state_; }
  /// Remembers what it remembered then; its probabilities are of no use until it reads on.
  void go_back(const Tensor<float>& state) { state_ = state; }
  /// Draws the next symbol, among those that begin so, and reads it.
  std::size_t next(const SamplingOptions& options, std::string_view beginning = {});

 private:
  const LanguageModel* model_;
  Tensor<float> state_;
  std::vector<float> scratch_, logits_, log_probabilities_, weights_;
  std::uint64_t drawn_ = 0;
};

/// The likeliest `length` symbols behind a prompt among those that a search with so many continuations finds.
std::vector<std::size_t> likeliest_text(const LanguageModel& model, const Prompt& prompt, std::size_t length,
                                        std::size_t continuations);

}  // namespace carousel
