// The languages a^n b^n and a^n b^n c^n, n >= 1, whose strings a network reads symbol by symbol, saying after
// each one which symbols may come next: no finite automaton can, for it has to count. Gers & Schmidhuber,
// "LSTM recurrent networks learn simple context-free and context-sensitive languages", IEEE Transactions on
// Neural Networks 12, 2001; by Kalman filter: Pérez-Ortiz, Gers, Eck & Schmidhuber, Neural Networks 16, 2003.
//
//     read   S    a    a    b    b          legal next   a    a b    a b    b    T
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/network.h"
#include "training/batch_source.h"

namespace carousel::lab {

/// Inputs are S, a, b(, c), outputs a, b(, c), T, both in this order.
class CountingLanguage {
 public:
  /// letters: 2 or 3
  explicit CountingLanguage(std::size_t letters) : letters_(letters) {}

  std::size_t letters() const noexcept { return letters_; }
  /// Inputs of a network, and outputs.
  std::size_t symbols() const noexcept { return letters_ + 1; }
  /// Steps of string n, its S counted.
  std::size_t steps(std::size_t n) const noexcept { return 1 + letters_ * n; }
  /// The symbol read in a step of string n, and whether a symbol may come next.
  std::size_t input(std::size_t n, std::size_t step) const noexcept {
    return step == 0 ? 0 : 1 + (step - 1) / n;
  }
  bool legal(std::size_t n, std::size_t step, std::size_t output) const noexcept;

  /// The papers' network, as a spec: blocks of one cell with peepholes and identity for both squashing
  /// functions, and sigmoid outputs which see the inputs too. 38 weights with one block and two letters.
  std::string spec(std::size_t blocks) const;

 private:
  std::size_t letters_;
};

/// Strings with n drawn from 1 to `longest`, one a batch; targets are 1 for what is legal, 0 for the rest.
class CountingStrings final : public BatchSource<double> {
 public:
  CountingStrings(CountingLanguage language, std::size_t longest, std::size_t strings, std::uint64_t seed)
      : language_(language), longest_(longest), strings_(strings), seed_(seed) {}
  std::size_t batches(std::size_t) const override { return strings_; }
  Batch<double> get(std::size_t epoch, std::size_t index) const override;

 private:
  CountingLanguage language_;
  std::size_t longest_, strings_;
  std::uint64_t seed_;
};

/// The largest n up to `limit` such that the network is right about all strings 1 ... n: after every symbol
/// outputs are above 1/2 for what is legal, and for nothing else.
std::size_t longest_known(const CountingLanguage& language, const Network<double>& network,
                          std::size_t limit);

}  // namespace carousel::lab
