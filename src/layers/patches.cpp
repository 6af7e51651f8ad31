#include "layers/patches.h"

#include <algorithm>

#include "kernels/rows.h"

namespace carousel {

using kernels::Rows;

namespace {
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
}

Patches::Patches(const Extent& image, std::size_t channels, const Extent& kernel, const Extent& stride,
                 const Extent& dilation, bool centred)
    : image_(image), kernel_(kernel), stride_(stride), dilation_(dilation), channels_(channels) {
  for (std::size_t d = 0; d < 3; ++d) {
    output_.n[d] = (image[d] + stride[d] - 1) / stride[d];
    before_[d] = centred ? static_cast<std::ptrdiff_t>((kernel[d] - 1) * dilation[d] / 2) : 0;
  }
}

template <class Take>
void Patches::for_runs(std::size_t begin, std::size_t end, Take&& take) const noexcept {
  for (std::size_t position = begin; position < end;) {
    const std::size_t x = position % output_[2], line = position / output_[2],
                      x_end = std::min(output_[2], x + end - position);
    for_runs_of_line(line, {position - begin, x, x_end}, take);
    position += x_end - x;
  }
}

template <class Take>
void Patches::for_runs_of_line(std::size_t line, const LinePart& part, Take&& take) const noexcept {
  const auto place = [&](std::size_t at, std::size_t d, std::size_t k) {
    const std::ptrdiff_t p = static_cast<std::ptrdiff_t>(at * stride_[d] + k * dilation_[d]) - before_[d];
    return p >= 0 && p < static_cast<std::ptrdiff_t>(image_[d]) ? static_cast<std::size_t>(p) : kNone;
  };
  const std::size_t taps = kernel_[2];
  std::size_t window = 0;
  for (std::size_t kz = 0; kz < kernel_[0]; ++kz)
    for (std::size_t ky = 0; ky < kernel_[1]; ++ky, window += taps * channels_) {
      const std::size_t z = place(line / output_[1], 0, kz), y = place(line % output_[1], 1, ky);
      if (z == kNone || y == kNone) {
        take(Run{part.position, part.end - part.begin, window, kNone, taps * channels_});
        continue;
      }
      const std::size_t first = (z * image_[1] + y) * image_[2];
      // Neighbours along x lie together, if none is left out between them. Where two positions meet the same
      // number, the later one does so with the earlier tap: hence from the last one down.
      const std::size_t at_once = dilation_[2] == 1 ? taps : 1;
      for (std::size_t tap = taps; tap > 0; tap -= at_once)
        for_runs_of_taps(first, window, tap - at_once, tap, part, take);
    }
}

template <class Take>
void Patches::for_runs_of_taps(std::size_t line, std::size_t window, std::size_t tap, std::size_t tap_end,
                               const LinePart& part, Take&& take) const noexcept {
  const auto taps = static_cast<std::ptrdiff_t>(tap_end - tap),
             stride = static_cast<std::ptrdiff_t>(stride_[2]),
             begin = static_cast<std::ptrdiff_t>(part.begin), end = static_cast<std::ptrdiff_t>(part.end),
             image = static_cast<std::ptrdiff_t>(image_[2]);
  // Of position 0's first tap; left of the image below 0.
  const std::ptrdiff_t origin = static_cast<std::ptrdiff_t>(tap * dilation_[2]) - before_[2];
  // Positions [inside, inside_end) see the image with all of these taps.
  const std::ptrdiff_t room = image - taps - origin,
                       inside = std::clamp((std::max<std::ptrdiff_t>(0, -origin) + stride - 1) / stride,
                                           begin, end),
                       inside_end = std::clamp(room < 0 ? 0 : room / stride + 1, inside, end);
  const auto take_some = [&](std::ptrdiff_t x, std::ptrdiff_t count, std::ptrdiff_t from, std::ptrdiff_t to,
                             bool in_image) {
    if (count == 0 || from == to) return;
    const auto at = static_cast<std::size_t>(from);
    take(Run{part.position + static_cast<std::size_t>(x - begin), static_cast<std::size_t>(count),
             window + (tap + at) * channels_,
             in_image ? (line + static_cast<std::size_t>(x * stride + origin + from)) * channels_ : kNone,
             static_cast<std::size_t>(to - from) * channels_});
  };
  const auto take_at_edge = [&](std::ptrdiff_t x) {
    const std::ptrdiff_t p = x * stride + origin, from = std::clamp<std::ptrdiff_t>(-p, 0, taps),
                         to = std::clamp<std::ptrdiff_t>(image - p, from, taps);
    take_some(x, 1, 0, from, false);
    take_some(x, 1, from, to, true);
    take_some(x, 1, to, taps, false);
  };
  for (std::ptrdiff_t x = begin; x < inside; ++x) take_at_edge(x);
  take_some(inside, inside_end - inside, 0, taps, true);
  for (std::ptrdiff_t x = inside_end; x < end; ++x) take_at_edge(x);
}

template <class T>
void Patches::gather(const T* image, std::size_t begin, std::size_t end, T* windows) const noexcept {
  for_runs(begin, end, [&](const Run& run) {
    const Rows<T> to{windows + run.position * width() + run.window, width()};
    if (run.place == kNone)
      for (std::size_t p = 0; p < run.positions; ++p) std::fill_n(to.row(p), run.count, T(0));
    else
      kernels::copy_rows<T>(run.positions, run.count, {image + run.place, stride_[2] * channels_}, to);
  });
}

template <class T>
void Patches::gather(View<const T> images, std::size_t position, T* windows) const noexcept {
  for_runs(position, position + 1, [&](const Run& run) {
    const Rows<T> to{windows + run.window, width()};
    if (run.place == kNone)
      for (std::size_t i = 0; i < images.rows(); ++i) std::fill_n(to.row(i), run.count, T(0));
    else
      kernels::copy_rows<T>(images.rows(), run.count, {images.data() + run.place, images.stride()}, to);
  });
}

template <class T>
void Patches::scatter_add(const T* windows, std::size_t begin, std::size_t end, T* image) const noexcept {
  for_runs(begin, end, [&](const Run& run) {
    if (run.place == kNone) return;
    kernels::add_rows<T>(run.positions, run.count, {windows + run.position * width() + run.window, width()},
                         {image + run.place, stride_[2] * channels_});
  });
}

template <class T>
void Patches::scatter_add(const T* windows, std::size_t position, View<T> images) const noexcept {
  for_runs(position, position + 1, [&](const Run& run) {
    if (run.place == kNone) return;
    kernels::add_rows<T>(images.rows(), run.count, {windows + run.window, width()},
                         {images.data() + run.place, images.stride()});
  });
}

template void Patches::gather(const float*, std::size_t, std::size_t, float*) const noexcept;
template void Patches::gather(const double*, std::size_t, std::size_t, double*) const noexcept;
template void Patches::gather(View<const float>, std::size_t, float*) const noexcept;
template void Patches::gather(View<const double>, std::size_t, double*) const noexcept;
template void Patches::scatter_add(const float*, std::size_t, std::size_t, float*) const noexcept;
template void Patches::scatter_add(const double*, std::size_t, std::size_t, double*) const noexcept;
template void Patches::scatter_add(const float*, std::size_t, View<float>) const noexcept;
template void Patches::scatter_add(const double*, std::size_t, View<double>) const noexcept;

}  // namespace carousel
