#include "lab/reber.h"

#include <algorithm>
#include <limits>

namespace carousel::lab {

namespace {

enum Symbol : std::uint8_t { kB, kT, kP, kS, kX, kV, kE };

constexpr std::uint8_t bit(std::uint8_t symbol) { return static_cast<std::uint8_t>(1 << symbol); }

/// A node of the grammar: the symbols that lead on from it, and where to.
struct Node {
  std::uint8_t symbols[2];
  std::size_t next[2];
};
// 0 is behind B; kEnd behind the last S or V, where E follows.
constexpr std::size_t kEnd = 5;
constexpr Node kNodes[kEnd] = {
    {{kT, kP}, {1, 2}}, {{kS, kX}, {1, 3}}, {{kT, kV}, {2, 4}}, {{kX, kS}, {2, kEnd}}, {{kP, kV}, {3, kEnd}}};

}  // namespace

ReberString embedded_reber(const Random& random) {
  ReberString string;
  const auto add = [&](std::uint8_t symbol, int legal_next) {
    string.symbols.push_back(symbol);
    string.legal.push_back(static_cast<std::uint8_t>(legal_next));
  };
  std::uint64_t draws = 0;
  const std::uint8_t outer = random.below(draws++, 2) == 0 ? kT : kP;
  add(kB, bit(kT) | bit(kP));
  add(outer, bit(kB));
  const auto legal_at = [](std::size_t node) {
    return node == kEnd ? bit(kE) : bit(kNodes[node].symbols[0]) | bit(kNodes[node].symbols[1]);
  };
  add(kB, legal_at(0));
  for (std::size_t node = 0; node != kEnd;) {
    const std::size_t way = random.below(draws++, 2);
    const std::uint8_t symbol = kNodes[node].symbols[way];
    node = kNodes[node].next[way];
    add(symbol, legal_at(node));
  }
  add(kE, bit(outer));
  add(outer, bit(kE));
  add(kE, bit(kB));
  return string;
}

bool tells_legal(std::span<const double> y, std::uint8_t legal) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (std::uint8_t symbol = 0; symbol < kReberSymbols; ++symbol) {
    if ((legal & bit(symbol)) != 0)
      least = std::min(least, y[symbol]);
    else
      most = std::max(most, y[symbol]);
  }
  return least > most;
}

}  // namespace carousel::lab
