// Windows on images: the rows of numbers that a convolution multiplies with its weights. Images have up to
// three dimensions and lie as [z, y, x, channel]; with fewer, the first extents are 1.
#pragma once

#include <array>
#include <cstddef>

#include "tensor/view.h"

namespace carousel {

/// z, y, x
struct Extent {
  std::array<std::size_t, 3> n = {1, 1, 1};

  std::size_t operator[](std::size_t d) const noexcept { return n[d]; }
  std::size_t volume() const noexcept { return n[0] * n[1] * n[2]; }
  bool operator==(const Extent&) const = default;
};

class Patches {
 public:
  /// kernel, stride and dilation at least 1. Position p of the output sees, along each dimension, the places
  /// p * stride - before + k * dilation, k < kernel; zeros where there is no image. The output has ceil(image
  /// / stride) positions. centred: before = (kernel - 1) * dilation / 2, "same" padding; else 0.
  Patches(const Extent& image, std::size_t channels, const Extent& kernel, const Extent& stride,
          const Extent& dilation, bool centred);

  const Extent& image() const noexcept { return image_; }
  const Extent& output() const noexcept { return output_; }
  std::size_t channels() const noexcept { return channels_; }
  /// Numbers of a window: [kernel z, y, x, channel].
  std::size_t width() const noexcept { return kernel_.volume() * channels_; }

  /// The windows of positions [begin, end), [end - begin, width()].
  template <class T>
  void gather(const T* image, std::size_t begin, std::size_t end, T* windows) const noexcept;
  /// The window of one position on each of some images, rows of `images`: [images, width()].
  template <class T>
  void gather(View<const T> images, std::size_t position, T* windows) const noexcept;
  /// Adds each number of a window to where gather took it from.
  template <class T>
  void scatter_add(const T* windows, std::size_t begin, std::size_t end, T* image) const noexcept;
  template <class T>
  void scatter_add(const T* windows, std::size_t position, View<T> images) const noexcept;

 private:
  /// Numbers that lie together, of the windows of some positions that follow on each other along x.
  struct Run {
    std::size_t position, positions;  ///< the first, counted from where gather or scatter_add begins
    std::size_t window;               ///< where they begin in a window
    std::size_t place;                ///< of the first position's in the image; kNone: outside, zeros
    std::size_t count;
  };
  /// Positions [begin, end) of one line of the output.
  struct LinePart {
    std::size_t position, begin, end;  ///< position: of `begin`, counted as in Run
  };
  /// Calls take(run) for all runs of the windows of positions [begin, end). Those that meet one number of the
  /// image come in ascending order of positions.
  template <class Take>
  void for_runs(std::size_t begin, std::size_t end, Take&& take) const noexcept;
  template <class Take>
  void for_runs_of_line(std::size_t line, const LinePart& part, Take&& take) const noexcept;
  /// Of taps [tap, tap_end) along x, neighbours in the image's line that begins with number `line`.
  template <class Take>
  void for_runs_of_taps(std::size_t line, std::size_t window, std::size_t tap, std::size_t tap_end,
                        const LinePart& part, Take&& take) const noexcept;

  Extent image_, kernel_, stride_, dilation_, output_;
  std::array<std::ptrdiff_t, 3> before_;
  std::size_t channels_;
};

}  // namespace carousel
