// Counter-based random numbers: a value is a function of (seed, stream, index) and of nothing else,
// so it does not depend on the order, the thread or the batch in which it is asked for.
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace carousel {

/// The constants of Philox4x32-10.
struct Philox {
  static constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  static constexpr std::uint32_t kWeyl0 = 0x9E3779B9,
                                 kWeyl1 = 0xBB67AE85;  ///< added to the key after a round
  static constexpr int kRounds = 10;
};

/// One Philox4x32-10 block: 128 bits of counter and 64 bits of key to 128 random bits.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept;

/// An indexable stream of random numbers. Copying is free; there is no hidden position.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) noexcept : seed_(seed), stream_(stream) {}

  std::uint64_t seed() const noexcept { return seed_; }
  std::uint64_t stream() const noexcept { return stream_; }

  /// 128 random bits at a block's number; bits(i) is word i % 4 of block i / 4.
  std::array<std::uint32_t, 4> block(std::uint64_t number) const noexcept;
  /// 32 random bits at an index.
  std::uint32_t bits(std::uint64_t index) const noexcept { return block(index / 4)[index % 4]; }
  /// Uniform in [0, 1), a multiple of 2^-32.
  double uniform(std::uint64_t index) const noexcept { return bits(index) * 0x1p-32; }
  /// Uniform in [low, high).
  double uniform(std::uint64_t index, double low, double high) const noexcept {
    return low + (high - low) * uniform(index);
  }
  /// Uniform in {0, ..., n-1}, n >= 1, from 64 bits (bias below n / 2^64).
  std::uint64_t below(std::uint64_t index, std::uint64_t n) const noexcept;

  /// Shuffles a random-access range (Fisher-Yates), the same way on every machine.
  template <class Range>
  void shuffle(Range& range) const {
    for (std::size_t i = range.size(); i > 1; --i) std::swap(range[i - 1], range[below(i, i)]);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

}  // namespace carousel
