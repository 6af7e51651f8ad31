// A wiring as text, a statement a line; docs/formats.md describes it byte by byte:
//
//     units c 8 identity
//     connect x c all gater=i
//     connect c c self gater=f weight=1
//     outputs c
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/wiring.h"

namespace carousel {

inline constexpr std::size_t kMaxWiringBytes = 65536;

/// The wiring that a text describes, for so many inputs; without fault. Throws SettingError with line and
/// column (1 is the first byte), what was found and what was expected.
Wiring parse_wiring(std::string_view text, std::size_t inputs);

/// The canonical text: a line for each group, then for each connection, then the outputs.
/// parse_wiring(to_text(wiring), wiring.inputs) == wiring for a wiring without fault.
std::string to_text(const Wiring& wiring);

/// A word of a statement, "units", "c", "8" or "gater=i", and where it stands.
struct WiringWord {
  std::string text;
  std::size_t position = 0;
};
/// At least one word.
using WiringStatement = std::vector<WiringWord>;
/// Called with the place of what is wrong and a message; must throw.
using RefuseWiring = std::function<void(std::size_t position, const std::string& message)>;

/// The same from words, whatever they stand in. end: the place behind them.
Wiring read_wiring(std::span<const WiringStatement> statements, std::size_t inputs, std::size_t end,
                   const RefuseWiring& refuse);

}  // namespace carousel
