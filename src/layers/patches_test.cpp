#include "layers/patches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/random.h"

namespace carousel {
namespace {

struct Case {
  Extent image, kernel, stride, dilation;
  std::size_t channels;
  bool centred;
};

/// All windows of an image, taken a position at a time beside another image; that what the other brings back
/// is each of its numbers as often as windows hold it, is checked on the way.
std::vector<double> position_by_position(const Patches& patches, const std::vector<double>& image) {
  const std::size_t P = patches.output().volume(), width = patches.width();
  std::vector<double> images(image), found, windows(2 * width), back(2 * image.size(), 0.0);
  images.insert(images.end(), image.size(), 1.0);
  const View<double> both(images.data(), 2, image.size()), back_of_both(back.data(), 2, image.size());
  std::vector<double> ones(P * width), often(image.size(), 0.0);
  patches.gather(both.row(1), 0, P, ones.data());
  patches.scatter_add(ones.data(), 0, P, often.data());
  for (std::size_t p = 0; p < P; ++p) {
    patches.gather(View<const double>(both), p, windows.data());
    patches.scatter_add(windows.data(), p, back_of_both);
    found.insert(found.end(), windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(width));
  }
  EXPECT_TRUE(std::ranges::equal(often, std::span(back).subspan(image.size())));
  return found;
}

TEST(Patches, GatherWhatTheDefinitionSaysAndScatterIsItsTranspose) {
  const Case cases[] = {{{{1, 4, 5}}, {{1, 3, 3}}, {}, {}, 2, true},
                        {{{1, 5, 7}}, {{1, 2, 4}}, {{1, 2, 3}}, {}, 1, true},
                        {{{1, 1, 9}}, {{1, 1, 3}}, {}, {{1, 1, 4}}, 3, true},
                        {{{3, 2, 4}}, {{3, 1, 2}}, {{2, 1, 1}}, {{1, 1, 2}}, 2, true},
                        {{{1, 5, 3}}, {{1, 2, 2}}, {{1, 2, 2}}, {}, 2, false}};
  for (const Case& c : cases) {
    const Patches patches(c.image, c.channels, c.kernel, c.stride, c.dilation, c.centred);
    std::vector<double> image(c.image.volume() * c.channels);
    const Random random(1, 2);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = random.uniform(i, -1, 1);
    const std::size_t P = patches.output().volume(), width = patches.width();
    std::vector<double> found(P * width), expected(P * width, 0.0);
    for (std::size_t begin = 0; begin < P; begin += 4)
      patches.gather(image.data(), begin, std::min(P, begin + 4), found.data() + begin * width);
    // Position p, place k of the window, channel: by coordinates.
    std::vector<double> back(image.size(), 0.0), back_expected(image.size(), 0.0);
    patches.scatter_add(found.data(), 0, P, back.data());
    for (std::size_t p = 0; p < P; ++p)
      for (std::size_t k = 0; k < c.kernel.volume(); ++k) {
        std::size_t place = 0;
        bool inside = true;
        std::size_t p_left = p, k_left = k, unit = 1;
        for (std::size_t d = 3; d-- > 0;) {
          const auto at_p = static_cast<long>(p_left % patches.output()[d]);
          const auto at_k = static_cast<long>(k_left % c.kernel[d]);
          p_left /= patches.output()[d];
          k_left /= c.kernel[d];
          const long before = c.centred ? static_cast<long>((c.kernel[d] - 1) * c.dilation[d] / 2) : 0;
          const long at =
              at_p * static_cast<long>(c.stride[d]) + at_k * static_cast<long>(c.dilation[d]) - before;
          inside = inside && at >= 0 && at < static_cast<long>(c.image[d]);
          if (inside) place += static_cast<std::size_t>(at) * unit;
          unit *= c.image[d];
        }
        if (!inside) continue;
        for (std::size_t channel = 0; channel < c.channels; ++channel) {
          const double value = image[place * c.channels + channel];
          expected[p * width + k * c.channels + channel] = value;
          back_expected[place * c.channels + channel] += value;
        }
      }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(position_by_position(patches, image), found);
    for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], back_expected[i], 1e-14);
  }
}

}  // namespace
}  // namespace carousel
