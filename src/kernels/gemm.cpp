#include "kernels/gemm.h"

#include <algorithm>
#include <new>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm.cpp"
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

// A tile of kTileRows x one panel fills the registers: 24 sums of 32 registers, or 12 of 16.
constexpr std::size_t kTileRows = 6;
#if HWY_TARGET == HWY_AVX2
constexpr std::size_t kPanelVectors = 2;
#else
constexpr std::size_t kPanelVectors = 4;
#endif
template <class T>
constexpr std::size_t kPanelColumns = kPanelVectors* kVectorLanes<T>;

/// Few rows leave registers free and too few independent chains: then several panels are computed at once.
constexpr std::size_t panels_at_once(std::size_t rows) {
  if (rows == 1) return kPanelVectors == 2 ? 4 : 2;
  return rows <= 3 ? 2 : 1;
}

/// Elements of a cache line.
template <class T>
constexpr std::size_t kLine = 64 / sizeof(T);

/// How many steps of k ahead a panel is fetched into the first-level cache: a panel's block of k is larger
/// than that cache, so it streams from the second level.
constexpr std::size_t kPrefetchSteps = 8;

/// Panels whose block of k stays in the second-level cache, 512 KiB, while all rows pass by.
template <class T>
constexpr std::size_t kPanelsInGroup = 512 * 1024 / (kBlockK * kPanelColumns<T> * sizeof(T));

/// Rows whose part of A (of kBlockK columns) stays in the second-level cache while all panels pass by.
constexpr std::size_t kTilesInBlock = 20;
/// The same for A gathered into a buffer on the stack, 48 KiB.
template <class T>
constexpr std::size_t kTilesInBuffer = 48 * 1024 / (kTileRows * kBlockK * sizeof(T));

template <class T>
struct Output {
  T* c;
  std::size_t stride;
  std::size_t columns;  // that exist, of those the tile computes
  Start start;
  const T* bias;
};

/// What the sums of one vector are added to.
template <Start kStart, class T>
HWY_INLINE Vector<T> beginning(const Output<T>& out, const T* c, const Piece<T>& piece) {
  const Tag<T> d;
  if constexpr (kStart == Start::accumulate) return piece.load(c);
  if constexpr (kStart == Start::bias) return piece.load(out.bias);
  return hn::Zero(d);
}

/// c = start + sums for a tile all of whose columns exist. Unrolled, or the sums would go through memory.
template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_INLINE void finish_whole(const Output<T>& out, const Vector<T> (&sums)[kRows][kVectors]) {
  constexpr std::size_t width = kVectorLanes<T>;
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
    T* c = out.c + r * out.stride;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Piece<T> piece{v * width, width};
      piece.store(canonical<T>(hn::Add(beginning<kStart>(out, c, piece), sums[r][v])), c);
    }
  }
}

/// The same for a tile at the right edge, by way of memory.
template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_NOINLINE void finish_edge(const Output<T>& out, const T* HWY_RESTRICT sums) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>;
  for (std::size_t r = 0; r < kRows; ++r) {
    T* c = out.c + r * out.stride;
    for (std::size_t v = 0; v < kVectors && v * width < out.columns; ++v) {
      const Piece<T> piece{v * width, std::min(width, out.columns - v * width)};
      const Vector<T> sum = hn::Load(d, sums + (r * kVectors + v) * width);
      piece.store(canonical<T>(hn::Add(beginning<kStart>(out, c, piece), sum)), c);
    }
  }
}

template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_INLINE void finish(const Output<T>& out, const Vector<T> (&sums)[kRows][kVectors]) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>;
  if (HWY_LIKELY(out.columns >= kVectors * width)) return finish_whole<kStart>(out, sums);
  HWY_ALIGN T memory[kRows * kVectors * width];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[r][v], d, memory + (r * kVectors + v) * width);
  }
  finish_edge<kStart, kRows, kVectors>(out, memory);
}

/// kRows rows of A times kPanels panels, over at most kBlockK columns of A. a[r][k] is at
/// a + r * stride + k, or, where A was gathered, at a + k * kRows + r. Fetches a cache line of `next`, memory
/// that will be read soon, with each step of k.
template <std::size_t kRows, std::size_t kPanels, bool kGathered, class T>
HWY_INLINE void tile(std::size_t k_count, const T* HWY_RESTRICT a, std::size_t a_stride,
                     const T* HWY_RESTRICT b, std::size_t panel_size, const T* next, const Output<T>& out) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>, vectors = kPanels * kPanelVectors;
  Vector<T> sums[kRows][vectors];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = hn::Zero(d);
  }
  for (std::size_t k = 0; k < k_count; ++k) {
    Vector<T> columns[vectors];
    for (std::size_t v = 0; v < vectors; ++v) {
      columns[v] = hn::Load(d, b + (v / kPanelVectors) * panel_size + (v % kPanelVectors) * width);
    }
    for (std::size_t p = 0; p < kPanels; ++p) {
      for (std::size_t i = 0; i < kPanelColumns<T>; i += kLine<T>) {
        __builtin_prefetch(b + p * panel_size + kPrefetchSteps * kPanelColumns<T> + i);
      }
    }
    b += kPanelColumns<T>;
    if constexpr (kRows > 3) {
      __builtin_prefetch(next, 0, 2);
      next += kLine<T>;
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto factor = hn::Set(d, kGathered ? a[k * kRows + r] : a[r * a_stride + k]);
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = mul_add(factor, columns[v], sums[r][v]);
    }
  }
  switch (out.start) {
    case Start::zero:
      return finish<Start::zero>(out, sums);
    case Start::bias:
      return finish<Start::bias>(out, sums);
    case Start::accumulate:
      return finish<Start::accumulate>(out, sums);
  }
}

/// Where in the product the loops stand.
template <class T>
struct Position {
  const PackedMatrix<T>* b;
  std::size_t k_begin, k_count;  // the block of k
  std::size_t panel;
  T* c;  // first row of the tile, column 0
  std::size_t c_stride;
  Start start;
  const T* bias;
  const T* next;  // fetched from behind the second-level cache while the tile is computed
};

template <class T>
const T* block_of_panel(const Position<T>& at, std::size_t panel) {
  return at.b->panel(panel) + at.k_begin * kPanelColumns<T>;
}

/// The part of the next panel that tile t is to fetch: the first few tiles share it.
template <class T>
const T* next_part(const Position<T>& at, std::size_t t) {
  constexpr std::size_t tiles = kPanelColumns<T> / kLine<T>;
  if (t >= tiles || at.panel + 1 >= at.b->panels()) return block_of_panel(at, at.panel);
  return block_of_panel(at, at.panel + 1) + t * at.k_count * kLine<T>;
}

template <std::size_t kRows, std::size_t kPanels, bool kGathered, class T>
void tile_at(const Position<T>& at, const T* a, std::size_t a_stride) {
  const std::size_t column = at.panel * kPanelColumns<T>;
  const Output<T> out{at.c + column, at.c_stride, at.b->n() - column, at.start,
                      at.start == Start::bias ? at.bias + column : nullptr};
  const T* b = block_of_panel(at, at.panel);
  tile<kRows, kPanels, kGathered>(at.k_count, a, a_stride, b, at.b->k() * kPanelColumns<T>, at.next, out);
}

template <class T>
using TileFunction = void (*)(const Position<T>&, const T*, std::size_t);

/// For 1 ... kTileRows rows: one panel, or several at once.
template <class T, bool kGathered>
constexpr TileFunction<T> kOnePanel[] = {tile_at<1, 1, kGathered, T>, tile_at<2, 1, kGathered, T>,
                                         tile_at<3, 1, kGathered, T>, tile_at<4, 1, kGathered, T>,
                                         tile_at<5, 1, kGathered, T>, tile_at<6, 1, kGathered, T>};
template <class T, bool kGathered>
constexpr TileFunction<T> kSeveralPanels[] = {tile_at<1, panels_at_once(1), kGathered, T>,
                                              tile_at<2, panels_at_once(2), kGathered, T>,
                                              tile_at<3, panels_at_once(3), kGathered, T>};

/// Rows shared out evenly over as few tiles as possible: no tile much smaller than the others.
class RowTiles {
 public:
  explicit RowTiles(std::size_t rows)
      : count_((rows + kTileRows - 1) / kTileRows), least_(rows / count_), larger_(rows % count_) {}
  std::size_t count() const { return count_; }
  std::size_t rows(std::size_t t) const { return least_ + (t < larger_ ? 1 : 0); }
  std::size_t begin(std::size_t t) const { return t * least_ + std::min(t, larger_); }

 private:
  std::size_t count_, least_, larger_;
};

/// Copies kRows rows of A, a block of k, so that the rows' elements of one k lie side by side.
template <std::size_t kRows, class T>
void gather(LeftMatrix<T> a, std::size_t k_count, T* HWY_RESTRICT out) {
  for (std::size_t k = 0; k < k_count; ++k, out += kRows) {
    const T* HWY_RESTRICT from = a.data + k * a.k_stride;
    if (a.m_stride == 1) {
      std::memcpy(out, from, kRows * sizeof(T));
    } else {
      for (std::size_t r = 0; r < kRows; ++r) out[r] = from[r * a.m_stride];
    }
  }
}
template <class T>
constexpr void (*kGather[])(LeftMatrix<T>, std::size_t, T* HWY_RESTRICT) = {
    gather<1, T>, gather<2, T>, gather<3, T>, gather<4, T>, gather<5, T>, gather<6, T>};

/// All panels for the rows of one block, one block of k. `a` is A's first element here; `buffer` is null
/// where A is used in place.
template <bool kGathered, class T>
void rows_by_panels(const RowTiles& tiles, LeftMatrix<T> a, Position<T> at, std::size_t panel_end,
                    T* buffer) {
  constexpr std::size_t tile_size = kTileRows * kBlockK;
  if constexpr (kGathered) {
    for (std::size_t t = 0; t < tiles.count(); ++t) {
      const LeftMatrix<T> from{a.data + tiles.begin(t) * a.m_stride, a.m_stride, a.k_stride};
      kGather<T>[tiles.rows(t) - 1](from, at.k_count, buffer + t * tile_size);
    }
  }
  const std::size_t few = tiles.count() == 1 ? tiles.rows(0) : kTileRows;
  T* const c = at.c;
  while (at.panel < panel_end) {
    const bool several = panels_at_once(few) > 1 && panel_end - at.panel >= panels_at_once(few);
    for (std::size_t t = 0; t < tiles.count(); ++t) {
      const std::size_t row = tiles.begin(t), rows = tiles.rows(t);
      at.c = c + row * at.c_stride;
      at.next = next_part(at, t);
      const auto function =
          several ? kSeveralPanels<T, kGathered>[rows - 1] : kOnePanel<T, kGathered>[rows - 1];
      function(at, kGathered ? buffer + t * tile_size : a.data + row * a.m_stride, a.m_stride);
    }
    at.panel += several ? panels_at_once(few) : 1;
  }
}

/// The blocks of k in ascending order, of which the first starts the sums and the others add; in each the
/// blocks of rows, so that what all of them need, a block of k of B, stays in cache if it fits.
template <bool kGathered, class T>
void blocks(std::size_t m, LeftMatrix<T> a, Position<T> at, std::size_t panel_end, T* buffer) {
  const std::size_t most_rows = kTileRows * (kGathered ? kTilesInBuffer<T> : kTilesInBlock);
  T* const c = at.c;
  do {
    at.k_count = std::min(kBlockK, at.b->k() - at.k_begin);
    for (std::size_t row = 0; row < m; row += most_rows) {
      const RowTiles tiles(std::min(most_rows, m - row));
      const LeftMatrix<T> here{a.data + row * a.m_stride + at.k_begin * a.k_stride, a.m_stride, a.k_stride};
      at.c = c + row * at.c_stride;
      rows_by_panels<kGathered>(tiles, here, at, panel_end, buffer);
    }
    at.k_begin += kBlockK;
    at.start = Start::accumulate;
  } while (at.k_begin < at.b->k());
}

template <class T>
HWY_NOINLINE void gathered_blocks(std::size_t m, LeftMatrix<T> a, const Position<T>& at,
                                  std::size_t panel_end) {
  alignas(64) T buffer[kTilesInBuffer<T> * kTileRows * kBlockK];
  blocks<true>(m, a, at, panel_end, buffer);
}

template <class T>
void product(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride,
             Start start, const T* bias, std::size_t panel_begin, std::size_t panel_end) {
  for (std::size_t panel = panel_begin; panel < panel_end; panel += kPanelsInGroup<T>) {
    const Position<T> at{&b, 0, 0, panel, c, c_stride, start, bias, nullptr};
    const std::size_t group_end = std::min(panel_end, panel + kPanelsInGroup<T>);
    if (a.k_stride == 1) {
      blocks<false>(m, a, at, group_end, static_cast<T*>(nullptr));
    } else {
      gathered_blocks(m, a, at, group_end);
    }
  }
}

template <class T>
std::size_t columns_of_panel() {
  return kPanelColumns<T>;
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kProduct, product);
CAROUSEL_KERNEL_TABLE(kColumnsOfPanel, columns_of_panel);

namespace {

/// One panel of B: k rows of `width` elements, zeros behind the `columns` that exist.
template <class T>
void pack_panel(const T* b, std::size_t k, std::size_t columns, std::size_t k_stride, std::size_t n_stride,
                std::size_t width, T* out) {
  constexpr std::size_t kStrip = 16;  // a cache line of B where k runs along memory
  for (std::size_t k_begin = 0; k_begin < k; k_begin += kStrip) {
    const std::size_t k_end = std::min(k, k_begin + kStrip);
    if (n_stride == 1) {
      for (std::size_t i = k_begin; i < k_end; ++i) std::copy_n(b + i * k_stride, columns, out + i * width);
    } else {
      for (std::size_t n = 0; n < columns; ++n) {
        for (std::size_t i = k_begin; i < k_end; ++i) out[i * width + n] = b[i * k_stride + n * n_stride];
      }
    }
    for (std::size_t i = k_begin; i < k_end; ++i) {
      std::fill(out + i * width + columns, out + (i + 1) * width, T{0});
    }
  }
}

}  // namespace

template <class T>
void PackedMatrix<T>::pack(const T* b, std::size_t k, std::size_t n, std::size_t k_stride,
                           std::size_t n_stride) {
  const std::size_t target = target_index(), width = kColumnsOfPanel<T>[target]();
  const std::size_t panels = n / width + (n % width != 0 ? 1 : 0);
  if (k != 0 && panels > std::numeric_limits<std::size_t>::max() / width / k) {
    throw std::bad_array_new_length();
  }
  data_.resize(panels * width * k);
  k_ = k;
  n_ = n;
  panel_columns_ = width;
  target_ = target;
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t first = p * width;
    pack_panel(b + first * n_stride, k, std::min(width, n - first), k_stride, n_stride, width,
               data_.data() + first * k);
  }
}

template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias, std::size_t panel_begin, std::size_t panel_end) noexcept {
  if (b.panels() == 0) return;
  kProduct<T>[b.target()](m, a, b, c, c_stride, start, bias, panel_begin, panel_end);
}

template class PackedMatrix<float>;
template class PackedMatrix<double>;
template void gemm(std::size_t, LeftMatrix<float>, const PackedMatrix<float>&, float*, std::size_t, Start,
                   const float*, std::size_t, std::size_t) noexcept;
template void gemm(std::size_t, LeftMatrix<double>, const PackedMatrix<double>&, double*, std::size_t, Start,
                   const double*, std::size_t, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
