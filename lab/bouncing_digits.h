// Films of digits that move straight on and bounce off the edges (Srivastava, Mansimov & Salakhutdinov, ICML
// 2015), at half the size: frames of 32 x 32, digits of 14 x 14.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"

namespace carousel::lab {

class BouncingDigits {
 public:
  static constexpr std::size_t kSide = 32, kDigit = 14, kDigits = 2;
  static constexpr std::size_t kPixels = kSide * kSide;
  /// A frame is told in squares of 4 x 4 pixels, as Shi et al. (NIPS 2015) do, row by row of squares and of
  /// pixels: [8, 8, 16].
  static constexpr std::size_t kSquare = 4, kSquares = kSide / kSquare;

  /// Of images of 28 x 28, each a row by row of numbers in [0, 1]. Throws Error for another size, or none.
  explicit BouncingDigits(std::span<const float> images);
  /// The first `most` images of an IDX file, such as MNIST's, whose numbers go to 255. Throws FileError,
  /// DataError.
  BouncingDigits(const std::string& path, std::size_t most);

  /// A film of two of the images, drawn with their places and velocities, 1.5 to 2.5 pixels a frame: frames
  /// [steps, kPixels] of numbers in [0, 1]; where both digits are, the brighter counts.
  void draw(const Random& random, std::size_t steps, std::span<float> frames) const;

  /// Where a pixel of a frame stands in it.
  static std::size_t place_of(std::size_t y, std::size_t x) noexcept {
    const std::size_t square = y / kSquare * kSquares + x / kSquare;
    return square * kSquare * kSquare + y % kSquare * kSquare + x % kSquare;
  }

 private:
  std::vector<float> digits_;  // [N, kDigit, kDigit]
};

/// Where something is after t steps of v from x on, that turns round at 0 and at `end` > 0.
double bounced(double x, double v, double t, double end);

}  // namespace carousel::lab
