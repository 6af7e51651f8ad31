#include "lab/counting_language.h"

#include <fmt/format.h>

#include <vector>

#include "base/random.h"

namespace carousel::lab {

bool CountingLanguage::legal(std::size_t n, std::size_t step, std::size_t output) const noexcept {
  if (step == 0) return output == 0;
  const std::size_t letter = (step - 1) / n;
  if (letter == 0) return output == 0 || output == 1;
  return output == (step % n == 0 ? letter + 1 : letter);
}

std::string CountingLanguage::spec(std::size_t blocks) const {
  return fmt::format(
      "parallel(dropout 0, peephole {} input_activation=identity output_activation=identity), dense {} "
      "sigmoid",
      blocks, symbols());
}

Batch<double> CountingStrings::get(std::size_t epoch, std::size_t index) const {
  const std::size_t n = 1 + Random(seed_, epoch).below(index, longest_), steps = language_.steps(n);
  Batch<double> batch{
      Sequences<double>({steps}, language_.symbols()), Sequences<double>({steps}, language_.symbols()), {}};
  for (std::size_t t = 0; t < steps; ++t) {
    batch.x.at(0, t)[language_.input(n, t)] = 1;
    for (std::size_t j = 0; j < language_.symbols(); ++j)
      batch.targets.at(0, t)[j] = language_.legal(n, t, j) ? 1 : 0;
  }
  return batch;
}

namespace {

/// A network that reads on from any state.
class Reader {
 public:
  Reader(const CountingLanguage& language, const Network<double>& network)
      : language_(language),
        network_(network),
        x_({1, language.symbols()}),
        y_({1, language.symbols()}),
        scratch_(network.step_scratch(1)) {}

  /// Reads a step of string n; whether it is right about what comes next.
  bool read(std::size_t n, std::size_t step, Tensor<double>& state) {
    x_.fill(0);
    x_.data()[language_.input(n, step)] = 1;
    network_.step(std::as_const(x_).matrix(), state.matrix(), y_.matrix(), scratch_.data());
    for (std::size_t j = 0; j < language_.symbols(); ++j)
      if ((y_.data()[j] > 0.5) != language_.legal(n, step, j)) return false;
    return true;
  }

 private:
  const CountingLanguage& language_;
  const Network<double>& network_;
  Tensor<double> x_, y_;
  AlignedVector<double> scratch_;
};

}  // namespace

std::size_t longest_known(const CountingLanguage& language, const Network<double>& network,
                          std::size_t limit) {
  Reader reader(language, network);
  Tensor<double> after_a = network.start(1);
  if (!reader.read(limit, 0, after_a)) return 0;
  for (std::size_t n = 1; n <= limit; ++n) {  // strings begin alike
    if (!reader.read(n, n, after_a)) return n - 1;
    Tensor<double> state = after_a;
    for (std::size_t step = n + 1; step < language.steps(n); ++step)
      if (!reader.read(n, step, state)) return n - 1;
  }
  return limit;
}

}  // namespace carousel::lab
