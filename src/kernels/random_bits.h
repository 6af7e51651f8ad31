// Random bits of many blocks at once, and choices made of them. Every value is that of its index, as
// base/random.h has it, whatever else is asked for with it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace carousel::kernels {

/// words[4 * count], out: those of Random::block(first), ..., Random::block(first + count - 1).
void random_blocks(const Random& random, std::uint64_t first, std::size_t count,
                   std::uint32_t* words) noexcept;

/// Choices that one block of bits is good for.
inline constexpr std::size_t kChoices = 8;
/// Blocks that n choices take.
constexpr std::uint64_t choice_blocks(std::size_t n) noexcept { return (n + kChoices - 1) / kChoices; }

/// chosen[j], for j in [begin, end): 1 with probability `rate`, a multiple of 2^-16, else 0. Choice 0 is the
/// first of block first_block.
void choose(const Random& random, std::uint64_t first_block, double rate, std::size_t begin, std::size_t end,
            std::uint8_t* chosen) noexcept;

}  // namespace carousel::kernels
