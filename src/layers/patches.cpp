#include "layers/patches.h"

#include <algorithm>

namespace carousel {

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

template <class Run>
void Patches::for_runs(std::size_t position, Run&& run) const noexcept {
  const std::size_t at[] = {position / (output_[1] * output_[2]), position / output_[2] % output_[1],
                            position % output_[2]};
  const auto place = [&](std::size_t d, std::size_t k) {
    const std::ptrdiff_t p = static_cast<std::ptrdiff_t>(at[d] * stride_[d] + k * dilation_[d]) - before_[d];
    return p >= 0 && p < static_cast<std::ptrdiff_t>(image_[d]) ? static_cast<std::size_t>(p) : kNone;
  };
  // Neighbours along x lie together, if none is left out between them.
  const std::size_t at_once = dilation_[2] == 1 ? kernel_[2] : 1;
  const std::ptrdiff_t x = static_cast<std::ptrdiff_t>(at[2] * stride_[2]) - before_[2];
  const auto first = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, -x));
  const auto last = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
      static_cast<std::ptrdiff_t>(image_[2]) - x, 0, static_cast<std::ptrdiff_t>(kernel_[2])));
  std::size_t window = 0;
  for (std::size_t kz = 0; kz < kernel_[0]; ++kz)
    for (std::size_t ky = 0; ky < kernel_[1]; ++ky, window += kernel_[2] * channels_) {
      const std::size_t z = place(0, kz), y = place(1, ky);
      if (z == kNone || y == kNone) {
        run(window, kNone, kernel_[2] * channels_);
        continue;
      }
      const std::size_t line = (z * image_[1] + y) * image_[2];
      if (at_once > 1 && first < last) {
        run(window, kNone, first * channels_);
        run(window + first * channels_, (line + place(2, first)) * channels_, (last - first) * channels_);
        run(window + last * channels_, kNone, (kernel_[2] - last) * channels_);
        continue;
      }
      for (std::size_t kx = 0; kx < kernel_[2]; ++kx) {
        const std::size_t px = place(2, kx);
        run(window + kx * channels_, px == kNone ? kNone : (line + px) * channels_, channels_);
      }
    }
}

template <class T>
void Patches::gather(const T* image, std::size_t begin, std::size_t end, T* windows) const noexcept {
  for (std::size_t p = begin; p < end; ++p, windows += width())
    for_runs(p, [&](std::size_t window, std::size_t place, std::size_t count) {
      if (place == kNone)
        std::fill_n(windows + window, count, T(0));
      else
        std::copy_n(image + place, count, windows + window);
    });
}

template <class T>
void Patches::gather(View<const T> images, std::size_t position, T* windows) const noexcept {
  for_runs(position, [&](std::size_t window, std::size_t place, std::size_t count) {
    for (std::size_t image = 0; image < images.rows(); ++image) {
      T* const to = windows + image * width() + window;
      for (std::size_t j = 0; j < count; ++j) to[j] = place == kNone ? T(0) : images.row(image)[place + j];
    }
  });
}

template <class T>
void Patches::scatter_add(const T* windows, std::size_t begin, std::size_t end, T* image) const noexcept {
  for (std::size_t p = begin; p < end; ++p, windows += width())
    for_runs(p, [&](std::size_t window, std::size_t place, std::size_t count) {
      if (place == kNone) return;
      for (std::size_t j = 0; j < count; ++j) image[place + j] += windows[window + j];
    });
}

template <class T>
void Patches::scatter_add(const T* windows, std::size_t position, View<T> images) const noexcept {
  for_runs(position, [&](std::size_t window, std::size_t place, std::size_t count) {
    if (place == kNone) return;
    for (std::size_t image = 0; image < images.rows(); ++image)
      for (std::size_t j = 0; j < count; ++j)
        images.row(image)[place + j] += windows[image * width() + window + j];
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
