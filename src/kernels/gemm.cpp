#include "kernels/gemm.h"

#include <algorithm>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm.cpp"
#include "hwy/foreach_target.h"
#include "kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Few rows leave registers free and too few independent chains: then several panels are computed at once, at
/// most.
constexpr std::size_t panels_at_once(std::size_t rows) {
  if (rows == 1) return 12 / kPanelVectors;
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
constexpr std::size_t kPanelsInGroup = 512 * 1024 / (kBlockK * kPanelVectors * kVectorLanes<T> * sizeof(T));

/// Rows whose part of A (of kBlockK columns) stays in the second-level cache while all panels pass by.
constexpr std::size_t kTilesInBlock = 20;
/// The same for A gathered into a buffer on the stack, 48 KiB.
template <class T>
constexpr std::size_t kTilesInBuffer = 48 * 1024 / (kTileRows * kBlockK * sizeof(T));

/// Where the vectors of some neighbouring panels belong in C.
template <class T>
struct Places {
  const typename PackedMatrix<T>::Columns* vectors;
  bool whole;  // no gaps

  Places(const PackedMatrix<T>& b, std::size_t panel, std::size_t panels)
      : vectors(b.columns(panel)), whole(panel + panels <= b.whole_panels()) {}
};

template <class T>
struct Output {
  T* c;
  std::size_t stride;
  const Places<T>& places;
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

/// c = start + sums for a tile without gaps. Unrolled, or the sums would go through memory.
template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_INLINE void finish_whole(const Output<T>& out, const Vector<T> (&sums)[kRows][kVectors]) {
#pragma GCC unroll 12
  for (std::size_t v = 0; v < kVectors; ++v) {
    const Piece<T> piece{out.places.vectors[v].begin, kVectorLanes<T>};
    T* c = out.c;
#pragma GCC unroll 6
    for (std::size_t r = 0; r < kRows; ++r, c += out.stride) {
      piece.store(canonical<T>(hn::Add(beginning<kStart>(out, c, piece), sums[r][v])), c);
    }
  }
}

/// The same for a tile with gaps, by way of memory.
template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_NOINLINE void finish_edge(const Output<T>& out, const T* HWY_RESTRICT sums) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>;
  for (std::size_t r = 0; r < kRows; ++r) {
    T* c = out.c + r * out.stride;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto [begin, count] = out.places.vectors[v];
      if (count == 0) continue;
      const Piece<T> piece{begin, count};
      const Vector<T> sum = hn::Load(d, sums + (r * kVectors + v) * width);
      piece.store(canonical<T>(hn::Add(beginning<kStart>(out, c, piece), sum)), c);
    }
  }
}

template <Start kStart, std::size_t kRows, std::size_t kVectors, class T>
HWY_INLINE void finish(const Output<T>& out, const Vector<T> (&sums)[kRows][kVectors]) {
  const Tag<T> d;
  constexpr std::size_t width = kVectorLanes<T>;
  if (HWY_LIKELY(out.places.whole)) return finish_whole<kStart>(out, sums);
  HWY_ALIGN T memory[kRows * kVectors * width];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[r][v], d, memory + (r * kVectors + v) * width);
  }
  finish_edge<kStart, kRows, kVectors>(out, memory);
}

/// kRows rows of A times kPanels panels, the last of which has kWidth vectors, over at most kBlockK columns
/// of A. a[r][k] is at a + r * stride + k, or, where A was gathered, at a + k * kRows + r. `last` points into
/// the last panel. Fetches a cache line of `next`, memory that will be read soon, with each step of k.
template <std::size_t kRows, std::size_t kPanels, std::size_t kWidth, bool kGathered, class T>
HWY_INLINE void tile(std::size_t k_count, const T* HWY_RESTRICT a, std::size_t a_stride,
                     const T* HWY_RESTRICT b, std::size_t panel_size, const T* HWY_RESTRICT last,
                     const T* next, const Output<T>& out) {
  const Tag<T> d;
  constexpr std::size_t lanes = kVectorLanes<T>, before = (kPanels - 1) * kPanelVectors,
                        vectors = before + kWidth;
  constexpr std::size_t columns = kPanelVectors * lanes, last_columns = kWidth * lanes;
  Vector<T> sums[kRows][vectors];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = hn::Zero(d);
  }
  // The outputs lie far apart, where the CPU does not expect them.
  if constexpr (kRows > 1) {
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t v = 0; v < vectors; ++v) {
        __builtin_prefetch(out.c + r * out.stride + out.places.vectors[v].begin, 1);
      }
    }
  }
  for (std::size_t k = 0; k < k_count; ++k) {
    Vector<T> row[vectors];
#pragma GCC unroll 12
    for (std::size_t v = 0; v < before; ++v) {
      row[v] = hn::Load(d, b + (v / kPanelVectors) * panel_size + (v % kPanelVectors) * lanes);
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kWidth; ++v) row[before + v] = hn::Load(d, last + v * lanes);
    // One row is bound by these loads, and what it reads in order the CPU fetches by itself.
    if constexpr (kRows > 1) {
      for (std::size_t i = 0; i < before / kPanelVectors * columns; i += kLine<T>) {
        __builtin_prefetch(b + i / columns * panel_size + kPrefetchSteps * columns + i % columns);
      }
      for (std::size_t i = 0; i < last_columns; i += kLine<T>) {
        __builtin_prefetch(last + kPrefetchSteps * last_columns + i);
      }
    }
    b += columns;
    last += last_columns;
    if constexpr (kRows > 3) {
      __builtin_prefetch(next, 0, 2);
      next += kLine<T>;
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto factor = hn::Set(d, kGathered ? a[k * kRows + r] : a[r * a_stride + k]);
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = mul_add(factor, row[v], sums[r][v]);
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
  T* c;             // column 0 of the first row of the tile
  std::size_t row;  // that row's number
  std::size_t c_stride;
  Start start;
  const T* bias;
  const Epilogue* epilogue;
  const T* next;  // fetched from behind the second-level cache while the tile is computed

  bool last_block() const { return k_begin + k_count >= b->k(); }
};

template <class T>
const T* block_of_panel(const Position<T>& at, std::size_t panel) {
  return at.b->panel(panel) + at.k_begin * at.b->vectors(panel) * kVectorLanes<T>;
}

/// The part of the next panel that tile t is to fetch: the first few tiles share it.
template <class T>
const T* next_part(const Position<T>& at, std::size_t t) {
  constexpr std::size_t tiles = kPanelVectors * kVectorLanes<T> / kLine<T>;
  if (t >= tiles || at.panel + 1 >= at.b->panels()) return block_of_panel(at, at.panel);
  return block_of_panel(at, at.panel + 1) + t * at.k_count * kLine<T>;
}

template <std::size_t kRows, std::size_t kPanels, std::size_t kWidth, bool kGathered, class T>
void tile_at(const Position<T>& at, const Places<T>& places, const T* a, std::size_t a_stride) {
  const Output<T> out{at.c, at.c_stride, places, at.start, at.bias};
  const T *first = block_of_panel(at, at.panel), *last = block_of_panel(at, at.panel + kPanels - 1);
  const std::size_t panel_size = at.b->k() * kPanelVectors * kVectorLanes<T>;
  tile<kRows, kPanels, kWidth, kGathered>(at.k_count, a, a_stride, first, panel_size, last, at.next, out);
}

template <class T>
using TileFunction = void (*)(const Position<T>&, const Places<T>&, const T*, std::size_t);

/// For 1 ... kTileRows rows and one panel of some width.
template <class T, bool kGathered, std::size_t kWidth>
constexpr TileFunction<T> kOnePanel[] = {
    tile_at<1, 1, kWidth, kGathered, T>, tile_at<2, 1, kWidth, kGathered, T>,
    tile_at<3, 1, kWidth, kGathered, T>, tile_at<4, 1, kWidth, kGathered, T>,
    tile_at<5, 1, kWidth, kGathered, T>, tile_at<6, 1, kWidth, kGathered, T>};
/// For one row, which lies the same way gathered or not, and 1 ... 6 panels, of which the last has some
/// width.
template <class T, std::size_t kWidth>
constexpr TileFunction<T> kOneRow[] = {
    tile_at<1, 1, kWidth, false, T>, tile_at<1, 2, kWidth, false, T>, tile_at<1, 3, kWidth, false, T>,
#if HWY_TARGET == HWY_AVX2
    tile_at<1, 4, kWidth, false, T>, tile_at<1, 5, kWidth, false, T>, tile_at<1, 6, kWidth, false, T>,
#endif
};

template <class T, bool kGathered, std::size_t kWidth>
TileFunction<T> tile_of_width(std::size_t rows, std::size_t panels) {
  if (rows == 1) return kOneRow<T, kWidth>[panels - 1];
  return kOnePanel<T, kGathered, kWidth>[rows - 1];
}

/// The kernel for so many rows and neighbouring panels, the last of so many vectors.
template <class T, bool kGathered>
TileFunction<T> tile_function(std::size_t rows, std::size_t panels, std::size_t width) {
  if (rows == 2 && panels == 2) return tile_at<2, 2, kPanelVectors, kGathered, T>;
  if (rows == 3 && panels == 2) return tile_at<3, 2, kPanelVectors, kGathered, T>;
  if (width == kPanelVectors) return tile_of_width<T, kGathered, kPanelVectors>(rows, panels);
  if (width == 1) return tile_of_width<T, kGathered, 1>(rows, panels);
  return tile_of_width<T, kGathered, 2>(rows, panels);
}

/// How many of the panels [begin, end) some rows do at once, the last of them as wide as the others except
/// where one row alone is done.
template <class T>
std::size_t next_panels(const PackedMatrix<T>& b, std::size_t rows, std::size_t begin, std::size_t end) {
  const std::size_t panels = std::min(end - begin, panels_at_once(rows));
  if (rows == 1) return panels;
  return panels == panels_at_once(rows) && b.vectors(begin + panels - 1) == kPanelVectors ? panels : 1;
}

/// Rows shared out evenly over as few tiles as possible: no tile much smaller than the others.
class RowTiles {
 public:
  explicit RowTiles(std::size_t rows) : count_(1), least_(rows), larger_(0) {
    if (rows <= kTileRows) return;
    count_ = (rows + kTileRows - 1) / kTileRows;
    least_ = rows / count_;
    larger_ = rows % count_;
  }
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
  const bool done = at.epilogue != nullptr && at.last_block();
  T* const c = at.c;
  const std::size_t first_row = at.row, first_unit = at.b->units_before(at.panel);
  while (at.panel < panel_end) {
    const std::size_t panels = next_panels(*at.b, few, at.panel, panel_end);
    const std::size_t width = at.b->vectors(at.panel + panels - 1);
    const Places<T> places(*at.b, at.panel, panels);
    const std::size_t unit = at.b->units_before(at.panel),
                      units = at.b->units_before(at.panel + panels) - unit;
    for (std::size_t t = 0; t < tiles.count(); ++t) {
      const std::size_t row = tiles.begin(t), rows = tiles.rows(t);
      at.c = c + row * at.c_stride;
      at.next = next_part(at, t);
      const TileFunction<T> function = tile_function<T, kGathered>(rows, panels, width);
      function(at, places, kGathered ? buffer + t * tile_size : a.data + row * a.m_stride, a.m_stride);
      if (done && units > 0 && tiles.count() > 1) at.epilogue->run(first_row + row, rows, unit, units);
    }
    at.panel += panels;
  }
  // All outputs of one tile of rows are still in cache: the more the epilogue has at once, the better.
  const std::size_t units = at.b->units_before(panel_end) - first_unit;
  if (done && units > 0 && tiles.count() == 1) at.epilogue->run(first_row, tiles.rows(0), first_unit, units);
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
      at.row = row;
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
             Start start, const T* bias, const Epilogue* epilogue, std::size_t panel_begin,
             std::size_t panel_end) {
  for (std::size_t panel = panel_begin; panel < panel_end; panel += kPanelsInGroup<T>) {
    const Position<T> at{&b, 0, 0, panel, c, 0, c_stride, start, bias, epilogue, nullptr};
    const std::size_t group_end = std::min(panel_end, panel + kPanelsInGroup<T>);
    if (a.k_stride == 1) {
      blocks<false>(m, a, at, group_end, static_cast<T*>(nullptr));
    } else {
      gathered_blocks(m, a, at, group_end);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kProduct, product);

template <class T>
void gemm(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride, Start start,
          const T* bias, const Epilogue* epilogue, std::size_t panel_begin, std::size_t panel_end) noexcept {
  if (b.panels() == 0) return;
  kProduct<T>[b.target()](m, a, b, c, c_stride, start, bias, epilogue, panel_begin, panel_end);
}

template void gemm(std::size_t, LeftMatrix<float>, const PackedMatrix<float>&, float*, std::size_t, Start,
                   const float*, const Epilogue*, std::size_t, std::size_t) noexcept;
template void gemm(std::size_t, LeftMatrix<double>, const PackedMatrix<double>&, double*, std::size_t, Start,
                   const double*, const Epilogue*, std::size_t, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
