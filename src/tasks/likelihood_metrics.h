// How well a model of symbols foretells a text.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/compensated_sum.h"

namespace carousel {

/// Adds up -log p of the symbols that came, each given those before it; compensated, in the order of calls.
/// Infinite once something impossible has come; what cannot be told is NaN.
class LikelihoodSum {
 public:
  /// nats: -log p of one symbol, which stands for so many characters.
  void add(double nats, std::size_t characters = 1) noexcept;

  std::uint64_t symbols() const noexcept { return symbols_; }
  std::uint64_t characters() const noexcept { return characters_; }
  /// Mean of a symbol.
  double nats() const noexcept;
  /// exp of the mean: between so many symbols, all equally likely, a guess would be as hard (Jelinek, Mercer,
  /// Bahl & Baker 1977).
  double perplexity() const noexcept;
  /// All nats, or bits, over all characters, so that models that read different symbols compare.
  double nats_per_character() const noexcept;
  double bits_per_character() const noexcept;

 private:
  double sum() const noexcept;

  CompensatedSum nats_;  // of what is possible
  bool impossible_ = false;
  std::uint64_t symbols_ = 0, characters_ = 0;
};

}  // namespace carousel
