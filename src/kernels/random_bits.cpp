#include "kernels/random_bits.h"

#include <algorithm>
#include <cmath>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/random_bits.cpp"
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
template <class>
void blocks(const Random& random, std::uint64_t first, std::size_t count, std::uint32_t* words) {
  for (std::size_t i = 0; i < count; ++i) std::ranges::copy(random.block(first + i), words + 4 * i);
}
#else
/// Philox4x32-10 of a block in each lane of 64 bits. Of the lanes of c and key the low halves count, which
/// are all that a product looks at; what is above them is left there until the end.
template <class T>
void blocks(const Random& random, std::uint64_t first, std::size_t count, std::uint32_t* words) {
  const Tag<T> d;
  const hn::Repartition<std::uint32_t, Tag<T> > halves;
  constexpr std::size_t kLanes = kVectorLanes<T>;
  const auto times = [&](Vector<T> c, T multiplier) HWY_ATTR {
    return hn::MulEven(hn::BitCast(halves, c), hn::BitCast(halves, hn::Set(d, multiplier)));
  };
  const auto low = hn::Set(d, T{0xFFFFFFFF}), stream = hn::Set(d, random.stream());
  for (std::size_t i = 0; i < count; i += kLanes) {
    const auto number = hn::Iota(d, first + i);
    Vector<T> c0 = number, c1 = hn::ShiftRight<32>(number), c2 = stream, c3 = hn::ShiftRight<32>(stream);
    auto key0 = hn::Set(d, random.seed()), key1 = hn::ShiftRight<32>(key0);
    for (int round = 0; round < Philox::kRounds; ++round) {
      const auto p0 = times(c0, Philox::kMultiplier0), p1 = times(c2, Philox::kMultiplier1);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), key0);
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), key1);
      c1 = p1;
      c3 = p0;
      key0 = hn::Add(key0, hn::Set(d, T{Philox::kWeyl0}));
      key1 = hn::Add(key1, hn::Set(d, T{Philox::kWeyl1}));
    }
    const auto first_two = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1)),
               last_two = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
    HWY_ALIGN T made[2 * kLanes];
    hn::StoreInterleaved2(first_two, last_two, d, made);
    for (std::size_t k = 0; k < 2 * std::min(kLanes, count - i); ++k) {
      words[4 * i + 2 * k] = static_cast<std::uint32_t>(made[k]);
      words[4 * i + 2 * k + 1] = static_cast<std::uint32_t>(made[k] >> 32);
    }
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kBlocks, blocks);

void random_blocks(const Random& random, std::uint64_t first, std::size_t count,
                   std::uint32_t* words) noexcept {
  kBlocks<std::uint64_t>[target_index()](random, first, count, words);
}

void choose(const Random& random, std::uint64_t first_block, double rate, std::size_t begin, std::size_t end,
            std::uint8_t* chosen) noexcept {
  constexpr std::size_t kAtOnce = 64;  // blocks
  const auto limit = static_cast<std::uint32_t>(std::floor(rate * 0x1p16 + 0.5));
  std::uint32_t words[4 * kAtOnce];
  std::uint8_t made[kChoices * kAtOnce];
  for (std::size_t j = begin; j < end;) {
    const std::size_t first = j - j % kChoices,
                      count = std::min<std::size_t>(kAtOnce, choice_blocks(end - first));
    random_blocks(random, first_block + first / kChoices, count, words);
    for (std::size_t w = 0; w < 4 * count; ++w) {
      made[2 * w] = (words[w] & 0xFFFF) < limit ? 1 : 0;
      made[2 * w + 1] = (words[w] >> 16) < limit ? 1 : 0;
    }
    const std::size_t done = std::min(end, first + kChoices * count);
    std::copy(made + (j - first), made + (done - first), chosen + j);
    j = done;
  }
}

}  // namespace carousel::kernels
#endif
