#include "layers/patches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/random.h"

namespace carousel {
namespace {

struct Case {
  Extent image, kernel, stride, dilation;
  std::size_t channels;
  bool centred;

  Patches patches() const { return {image, channels, kernel, stride, dilation, centred}; }
};

const Case kCases[] = {
    {{{1, 4, 5}}, {{1, 3, 3}}, {}, {}, 2, true},
    {{{1, 5, 7}}, {{1, 2, 4}}, {{1, 2, 3}}, {}, 1, true},
    {{{1, 1, 9}}, {{1, 1, 3}}, {}, {{1, 1, 4}}, 3, true},
    {{{3, 2, 4}}, {{3, 1, 2}}, {{2, 1, 1}}, {{1, 1, 2}}, 2, true},
    {{{1, 5, 3}}, {{1, 2, 2}}, {{1, 2, 2}}, {}, 2, false},
    // A kernel wider than the image; strides between places of the kernel; one beyond the image.
    {{{1, 2, 3}}, {{1, 1, 7}}, {}, {}, 2, true},
    {{{1, 1, 8}}, {{1, 1, 3}}, {{1, 1, 2}}, {{1, 1, 3}}, 1, true},
    {{{1, 2, 3}}, {{1, 1, 2}}, {{1, 1, 9}}, {}, 1, true}};

std::vector<double> random_values(std::size_t n, std::uint64_t stream) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = Random(1, stream).uniform(i, -1, 1);
  return values;
}

/// Which place of the image position p sees through place k of its window, by coordinates; none outside.
std::optional<std::size_t> place_seen(const Case& c, const Extent& output, std::size_t p, std::size_t k) {
  std::size_t place = 0, unit = 1;
  for (std::size_t d = 3; d-- > 0;) {
    const auto at_p = static_cast<long>(p % output[d]), at_k = static_cast<long>(k % c.kernel[d]);
    p /= output[d];
    k /= c.kernel[d];
    const long before = c.centred ? static_cast<long>((c.kernel[d] - 1) * c.dilation[d] / 2) : 0;
    const long at = at_p * static_cast<long>(c.stride[d]) + at_k * static_cast<long>(c.dilation[d]) - before;
    if (at < 0 || at >= static_cast<long>(c.image[d])) return std::nullopt;
    place += static_cast<std::size_t>(at) * unit;
    unit *= c.image[d];
  }
  return place;
}

TEST(Patches, GatherWhatTheDefinitionSaysAndScatterIsItsTranspose) {
  for (const Case& c : kCases) {
    const Patches patches = c.patches();
    const std::vector<double> image = random_values(c.image.volume() * c.channels, 2);
    const std::size_t P = patches.output().volume(), width = patches.width();
    std::vector<double> found(P * width), expected(P * width, 0.0);
    for (std::size_t begin = 0; begin < P; begin += 4)
      patches.gather(image.data(), begin, std::min(P, begin + 4), found.data() + begin * width);
    std::vector<double> back(image.size(), 0.0), back_expected(image.size(), 0.0);
    for (std::size_t begin = 0; begin < P; begin += 4)
      patches.scatter_add(found.data() + begin * width, begin, std::min(P, begin + 4), back.data());
    for (std::size_t p = 0; p < P; ++p)
      for (std::size_t k = 0; k < c.kernel.volume(); ++k) {
        const auto place = place_seen(c, patches.output(), p, k);
        if (!place) continue;
        for (std::size_t channel = 0; channel < c.channels; ++channel) {
          const double value = image[*place * c.channels + channel];
          expected[p * width + k * c.channels + channel] = value;
          back_expected[*place * c.channels + channel] += value;
        }
      }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(back, back_expected);  // to the bit: sums are taken in ascending order of positions
  }
}

/// A position of two images side by side is that of each alone.
TEST(Patches, APositionOfSeveralImagesIsThatOfEachAlone) {
  for (const Case& c : kCases) {
    const Patches patches = c.patches();
    const std::size_t size = c.image.volume() * c.channels, width = patches.width();
    const std::vector<double> images = random_values(2 * size, 3);
    for (std::size_t p = 0; p < patches.output().volume(); ++p) {
      std::vector<double> windows(2 * width), alone(2 * width);
      patches.gather(View<const double>(images.data(), 2, size), p, windows.data());
      for (std::size_t n = 0; n < 2; ++n)
        patches.gather(images.data() + n * size, p, p + 1, alone.data() + n * width);
      EXPECT_EQ(windows, alone) << p;

      // Added to what is there; windows that are no image's, so that nothing is 0.
      const std::vector<double> given = random_values(2 * width, 4 + p);
      std::vector<double> back = images, back_alone = images;
      patches.scatter_add(given.data(), p, View<double>(back.data(), 2, size));
      for (std::size_t n = 0; n < 2; ++n)
        patches.scatter_add(given.data() + n * width, p, p + 1, back_alone.data() + n * size);
      EXPECT_EQ(back, back_alone) << p;
      EXPECT_NE(back, images) << p;
    }
  }
}

}  // namespace
}  // namespace carousel
