#include "kernels/packed_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/packed_matrix.cpp"
#include "hwy/foreach_target.h"
#include "kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
std::size_t lanes() {
  return kVectorLanes<T>;
}
template <class T>
std::size_t panel_vectors() {
  return kPanelVectors;
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kLanes, lanes);
CAROUSEL_KERNEL_TABLE(kPanelVectors, panel_vectors);

namespace {

/// Parts take turns where gaps are no more than one in so many columns.
constexpr std::size_t kMostGaps = 16;

/// Copies `count` elements, most often a cache line of them.
template <class T>
void copy_vector(const T* from, std::size_t count, T* to) {
  constexpr std::size_t kLine = 64;
  if (count == kLine / sizeof(T)) {
    std::memcpy(to, from, kLine);  // of a constant size: no call
  } else {
    std::copy_n(from, count, to);
  }
}

/// Copies k rows of `count` columns, which do not lie side by side, to places `width` apart.
template <class T>
void copy_columns(const T* b, std::size_t k, std::size_t count, std::size_t k_stride, std::size_t n_stride,
                  std::size_t width, T* out) {
  constexpr std::size_t kStrip = 16;  // a cache line of B where k runs along memory
  for (std::size_t k_begin = 0; k_begin < k; k_begin += kStrip) {
    const std::size_t k_end = std::min(k, k_begin + kStrip);
    for (std::size_t n = 0; n < count; ++n) {
      for (std::size_t i = k_begin; i < k_end; ++i) out[i * width + n] = b[i * k_stride + n * n_stride];
    }
  }
}

}  // namespace

template <class T>
void PackedMatrix<T>::lay_out() {
  columns_.resize(panels_ * panel_vectors_);
  units_before_.assign(panels_ + 1, 0);
  units_before_[panels_] = units_;
  group_panels_ = std::max<std::size_t>(panels_, 1);
  if (turns_ == 1) {
    for (std::size_t v = 0; v < columns_.size(); ++v) {
      const std::size_t column = std::min(n_, v * lanes_);
      columns_[v] = {column, std::min(lanes_, n_ - column)};
    }
  }
  if (turns_ == parts_) {
    for (std::size_t v = 0; v < columns_.size(); ++v) {
      const std::size_t unit = std::min(units_, v / parts_ * lanes_);
      columns_[v] = {v % parts_ * units_ + unit, std::min(lanes_, units_ - unit)};
    }
    for (std::size_t p = 0; p < panels_; ++p)
      units_before_[p] = std::min(units_, p * panel_vectors_ / parts_ * lanes_);
    group_panels_ = std::lcm(parts_, panel_vectors_) / panel_vectors_;
  }
  whole_panels_ = 0;
  const auto whole = [this](std::size_t p) {
    return std::all_of(columns(p), columns(p) + vectors(p),
                       [this](const Columns& v) { return v.count == lanes_; });
  };
  while (whole_panels_ < panels_ && whole(whole_panels_)) ++whole_panels_;
}

template <class T>
void PackedMatrix<T>::pack_panel(const T* b, std::size_t p, std::size_t k_stride,
                                 std::size_t n_stride) noexcept {
  const std::size_t width = vectors(p) * lanes_;
  T* const out = data_.data() + p * k_ * panel_vectors_ * lanes_;
  const Columns* const from = columns(p);
  if (n_stride == 1) {
    for (std::size_t i = 0; i < k_; ++i)
      for (std::size_t v = 0; v < vectors(p); ++v)
        copy_vector(b + i * k_stride + from[v].begin, from[v].count, out + i * width + v * lanes_);
  }
  for (std::size_t v = 0; v < vectors(p); ++v) {
    T* const to = out + v * lanes_;
    if (n_stride != 1)
      copy_columns(b + from[v].begin * n_stride, k_, from[v].count, k_stride, n_stride, width, to);
    if (from[v].count == lanes_) continue;
    for (std::size_t i = 0; i < k_; ++i)
      std::fill(to + i * width + from[v].count, to + i * width + lanes_, T{0});
  }
}

template <class T>
void PackedMatrix<T>::pack_bf16(const T* b, std::size_t p, std::size_t k_stride,
                                std::size_t n_stride) noexcept {
  const std::size_t width = word_vectors(format_, vectors(p)) * lanes_;
  std::uint32_t* const out = words_.data() + words_before(p);
  std::fill_n(out, k_ * width, 0u);
  for (std::size_t v = 0; v < vectors(p); ++v) {
    const Columns from = columns(p)[v];
    for (std::size_t n = 0; n < from.count; ++n) {
      const T* const column = b + (from.begin + n) * n_stride;
      std::uint32_t* to = out + v / 2 * lanes_ + n;
      for (std::size_t i = 0; i < k_; ++i, to += width) {
        const std::uint32_t half = to_bf16(static_cast<float>(column[i * k_stride]));
        *to |= v % 2 == 0 ? half : half << 16;
      }
    }
  }
}

template <class T>
void PackedMatrix<T>::pack_int8(const T* b, std::size_t p, std::size_t k_stride,
                                std::size_t n_stride) noexcept {
  const std::size_t width = vectors(p) * lanes_;
  std::uint32_t* const out = words_.data() + words_before(p);
  std::fill_n(out, word_rows(format_, k_) * width, 0u);
  for (std::size_t v = 0; v < vectors(p); ++v) {
    const Columns from = columns(p)[v];
    for (std::size_t n = 0; n < from.count; ++n) {
      const T* const column = b + (from.begin + n) * n_stride;
      T largest = 0;
      for (std::size_t i = 0; i < k_; ++i) largest = std::max(largest, std::abs(column[i * k_stride]));
      const float scale = int8_scale(static_cast<float>(largest));
      scales_[from.begin + n] = scale;
      for (std::size_t i = 0; i < k_; ++i) {
        constexpr unsigned kShift[] = {0, 16, 8, 24};
        const int q = to_int8(static_cast<float>(column[i * k_stride]), scale) + (i % 4 < 2 ? 128 : 0);
        out[i / 4 * width + v * lanes_ + n] |= (static_cast<std::uint32_t>(q) & 0xFF) << kShift[i % 4];
      }
    }
  }
}

template <class T>
void PackedMatrix<T>::reshape(std::size_t k, std::size_t n, std::size_t parts, WeightFormat format) {
  const std::size_t target = target_index(), lanes = kLanes<T>[target](),
                    panel_vectors = kPanelVectors<T>[target](), units = n / parts;
  const auto vectors_of = [lanes](std::size_t columns) {
    return columns / lanes + (columns % lanes != 0 ? 1 : 0);
  };
  // Gaps cost time and room in the first-level cache.
  const bool few_gaps = vectors_of(units) * lanes - units <= units / kMostGaps;
  const std::size_t turns = few_gaps ? parts : 1;
  const std::size_t vectors = turns * vectors_of(n / turns);
  const std::size_t panels = vectors / panel_vectors + (vectors % panel_vectors != 0 ? 1 : 0);
  const std::size_t last = panels == 0 ? 0 : vectors - (panels - 1) * panel_vectors;
  const std::size_t last_vectors = last > 2 ? panel_vectors : last;
  const std::size_t most = std::numeric_limits<std::size_t>::max() / (panel_vectors * lanes);
  if (k != 0 && panels > most / k) throw std::bad_array_new_length();
  const bool reduced = format != WeightFormat::float32;
  const std::size_t whole = panels == 0 ? 0 : panels - 1;
  data_.resize(reduced ? 0 : (whole * panel_vectors + last_vectors) * lanes * k);
  words_.resize(reduced ? (whole * word_vectors(format, panel_vectors) + word_vectors(format, last_vectors)) *
                              lanes * word_rows(format, k)
                        : 0);
  scales_.resize(format == WeightFormat::int8 ? n : 0);
  format_ = format, k_ = k, n_ = n, parts_ = parts, turns_ = turns, units_ = units;
  lanes_ = lanes, panel_vectors_ = panel_vectors, panels_ = panels, last_vectors_ = last_vectors,
  target_ = target;
  lay_out();
}

template <class T>
void PackedMatrix<T>::pack_panels(const T* b, std::size_t k_stride, std::size_t n_stride, std::size_t begin,
                                  std::size_t end) noexcept {
  for (std::size_t p = begin; p < end; ++p) {
    if (format_ == WeightFormat::float32) pack_panel(b, p, k_stride, n_stride);
    if (format_ == WeightFormat::bf16) pack_bf16(b, p, k_stride, n_stride);
    if (format_ == WeightFormat::int8) pack_int8(b, p, k_stride, n_stride);
  }
}

template <class T>
void PackedMatrix<T>::pack(const T* b, std::size_t k, std::size_t n, std::size_t k_stride,
                           std::size_t n_stride, std::size_t parts, WeightFormat format) {
  reshape(k, n, parts, format);
  pack_panels(b, k_stride, n_stride, 0, panels_);
}

template class PackedMatrix<float>;
template class PackedMatrix<double>;

}  // namespace carousel::kernels
#endif
