#include "base/random.h"

#include <algorithm>
#include <cmath>

namespace carousel {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> key) noexcept {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kMultiplier0 * c[0];
    const std::uint64_t p1 = kMultiplier1 * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return c;
}

std::array<std::uint32_t, 4> Random::block(std::uint64_t number) const noexcept {
  return philox({static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32),
                 static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
                {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
}

void Random::choose(std::uint64_t number, double rate, std::uint8_t (&chosen)[kChoices]) const noexcept {
  const auto words = block(number);
  const auto limit = static_cast<std::uint32_t>(std::floor(rate * 0x1p16 + 0.5));
  for (std::size_t j = 0; j < kChoices; ++j)
    chosen[j] = ((words[j / 2] >> (j % 2 * 16)) & 0xFFFF) < limit ? 1 : 0;
}

void Random::choose_range(std::uint64_t first_block, double rate, std::size_t begin, std::size_t end,
                          std::uint8_t* chosen) const noexcept {
  std::uint8_t eight[kChoices];
  for (std::size_t j = begin; j < end;) {
    const std::size_t first = j - j % kChoices;
    choose(first_block + j / kChoices, rate, eight);
    for (; j < std::min(end, first + kChoices); ++j) chosen[j] = eight[j - first];
  }
}

std::uint64_t Random::below(std::uint64_t index, std::uint64_t n) const noexcept {
  const auto b = block(index);
  const std::uint64_t value = (static_cast<std::uint64_t>(b[0]) << 32) | b[1];
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(value) * n) >> 64);
}

}  // namespace carousel
