#include "base/random.h"

namespace carousel {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < Philox::kRounds; ++round) {
    const std::uint64_t p0 = Philox::kMultiplier0 * c[0];
    const std::uint64_t p1 = Philox::kMultiplier1 * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += Philox::kWeyl0;
    key[1] += Philox::kWeyl1;
  }
  return c;
}

std::array<std::uint32_t, 4> Random::block(std::uint64_t number) const noexcept {
  return philox({static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32),
                 static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
                {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
}

std::uint64_t Random::below(std::uint64_t index, std::uint64_t n) const noexcept {
  const auto b = block(index);
  const std::uint64_t value = (static_cast<std::uint64_t>(b[0]) << 32) | b[1];
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(value) * n) >> 64);
}

}  // namespace carousel
