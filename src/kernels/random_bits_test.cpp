#include "kernels/random_bits.h"

#include <algorithm>

#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

// base/random_test.cpp has the block's published answers.
TEST(RandomBits, ManyBlocksAreThoseOfEachOnEveryTarget) {
  const Random random(0x299f31d0a4093822, 0x0370734413198a2e);
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const std::uint64_t first : {std::uint64_t{0}, (std::uint64_t{1} << 32) - 3, ~std::uint64_t{0} - 5})
      for (std::size_t count = 0; count <= 20; ++count) {
        Guarded<std::uint32_t> words(4 * count);
        random_blocks(random, first, count, words.data());
        for (std::size_t i = 0; i < 4 * count; ++i)
          ASSERT_EQ(words[i], random.block(first + i / 4)[i % 4]) << target << ", word " << i;
      }
  }
}

TEST(RandomBits, ChoicesAreTheHalvesOfTheWordsBelowTheRate) {
  const Random random(3, 4);
  for (const std::string& target : available_targets()) {
    const ForcedTarget forced(target);
    for (const double rate : {0.0, 0x1p-16, 0.3, 1.0}) {
      std::vector<std::uint8_t> chosen(1300, 7);
      choose(random, 11, rate, 3, 1290, chosen.data());
      for (std::size_t j = 0; j < chosen.size(); ++j) {
        const std::uint32_t word = random.block(11 + j / 8)[j % 8 / 2],
                            half = j % 2 == 0 ? word & 0xFFFF : word >> 16;
        const int expected = half / 65536.0 < std::round(rate * 65536) / 65536 ? 1 : 0;
        ASSERT_EQ(chosen[j], j < 3 || j >= 1290 ? 7 : expected) << target << ", choice " << j;
      }
    }
  }
}

TEST(RandomBits, ChoicesComeAsOftenAsTheRateSays) {
  std::vector<std::uint8_t> chosen(100'000);
  choose(Random(1, 0), 0, 0.3, 0, chosen.size(), chosen.data());
  EXPECT_NEAR(static_cast<double>(std::count(chosen.begin(), chosen.end(), 1)), 30'000,
              600);  // four deviations
}

}  // namespace
}  // namespace carousel::kernels
