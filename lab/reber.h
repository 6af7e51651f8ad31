// Strings of the embedded Reber grammar (Reber 1967; Cleeremans, Servan-Schreiber & McClelland 1989;
// Hochreiter & Schmidhuber 1997, figures 3 and 4): B, then T or P, a string of the Reber grammar, the same T
// or P again, E.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace carousel::lab {

/// B T P S X V E
inline constexpr std::size_t kReberSymbols = 7;

struct ReberString {
  std::vector<std::uint8_t> symbols;
  /// Behind each symbol, those that may come next: bit s for symbol s. Behind the last: B, which begins
  /// another one.
  std::vector<std::uint8_t> legal;
};
/// A function of `random`: where two symbols may come, each has probability 1/2.
ReberString embedded_reber(const Random& random);

/// Whether every symbol of `legal` is more active in y [kReberSymbols] than every other.
bool tells_legal(std::span<const double> y, std::uint8_t legal);

}  // namespace carousel::lab
