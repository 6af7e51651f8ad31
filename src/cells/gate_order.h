// The one order of the gates, everywhere in the engine: i, f, g, o. Only model/interop permutes.
#pragma once

#include <array>
#include <cstddef>

namespace carousel {

enum class Gate : std::size_t { input, forget, cell_input, output };

inline constexpr std::size_t kGates = 4;
inline constexpr std::array<const char*, kGates> kGateNames = {"i", "f", "g", "o"};

}  // namespace carousel
