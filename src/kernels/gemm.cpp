#include "kernels/gemm.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm.cpp"
#include "hwy/foreach_target.h"
#include "kernels/gemm_formats-inl.h"
#include "kernels/gemm_output-inl.h"

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

/// Elements in memory that a step reads of a panel.
template <class F>
constexpr std::size_t stored_elements(std::size_t vectors) {
  return F::stored(vectors) * kVectorLanes<typename F::Value>;
}
template <class F>
constexpr std::size_t steps_of(std::size_t k) {
  return (k + F::kStepK - 1) / F::kStepK;
}

/// Panels whose block of k stays in the second-level cache, 512 KiB, while all rows pass by.
template <class F>
constexpr std::size_t kPanelsInGroup = 512 * 1024 /
                                       (steps_of<F>(kBlockK) * stored_elements<F>(kPanelVectors) *
                                        sizeof(typename F::Stored));

/// Rows whose part of A (of kBlockK columns) stays in the second-level cache while all panels pass by.
constexpr std::size_t kTilesInBlock = 20;
/// kRows rows of A times kPanels panels, the last of which has kWidth vectors, over at most kBlockK columns
/// of A, used in place or gathered. `last` points into the last panel. Fetches a cache line of `next`, memory
/// that will be read soon, with each step of k.
template <class F, std::size_t kRows, std::size_t kPanels, std::size_t kWidth, bool kGathered>
HWY_INLINE void tile(std::size_t steps, const typename F::Left* HWY_RESTRICT a, std::size_t a_stride,
                     const typename F::Stored* HWY_RESTRICT b, std::size_t panel_size,
                     const typename F::Stored* HWY_RESTRICT last, const typename F::Stored* next,
                     typename F::Sum (&sums)[kRows][(kPanels - 1) * kPanelVectors + kWidth]) {
  constexpr std::size_t before = (kPanels - 1) * kPanelVectors, vectors = before + kWidth;
  constexpr std::size_t line = kLine<typename F::Stored>;
  constexpr std::size_t columns = stored_elements<F>(kPanelVectors),
                        last_columns = stored_elements<F>(kWidth);
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = F::template beginning<kRows>(a, r);
  }
  // Several rows leave no registers for both halves of a step: then one half after the other, of the whole
  // block.
  constexpr std::size_t passes = kRows > 1 ? F::kHalves : 1;
#pragma GCC unroll 2
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t step = 0; step < steps; ++step) {
      const typename F::Stored *here = b + step * columns, *here_last = last + step * last_columns;
      // One row is bound by reading B, and what it reads in order the CPU fetches by itself.
      if (kRows > 1 && pass == 0) {
        for (std::size_t i = 0; i < before / kPanelVectors * columns; i += line) {
          __builtin_prefetch(here + i / columns * panel_size + kPrefetchSteps * columns + i % columns);
        }
        for (std::size_t i = 0; i < last_columns; i += line) {
          __builtin_prefetch(here_last + kPrefetchSteps * last_columns + i);
        }
      }
      if (kRows > 3 && pass == 0) __builtin_prefetch(next + step * line, 0, 2);
#pragma GCC unroll 2
      for (std::size_t half = pass; half < F::kHalves; half += passes) {
        typename F::Factor row[vectors];
#pragma GCC unroll 12
        for (std::size_t v = 0; v < before; v += kPanelVectors) {
          F::template load<kPanelVectors>(here + v / kPanelVectors * panel_size, half, row + v);
        }
        F::template load<kWidth>(here_last, half, row + before);
        for (std::size_t r = 0; r < kRows; ++r) {
          const auto factor = F::template left<kRows, kGathered>(a, a_stride, step * F::kHalves + half, r);
          for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = F::multiply_add(factor, row[v], sums[r][v]);
        }
      }
    }
  }
}

/// Where in the product the loops stand.
template <class F>
struct Position {
  using T = typename F::Value;

  const PackedMatrix<T>* b;
  std::size_t k_begin, k_count;  // the block of k
  std::size_t panel;
  T* c;             // column 0 of the first row of the tile
  std::size_t row;  // that row's number
  std::size_t c_stride;
  Start start;
  const T* bias;
  const Epilogue* epilogue;
  const typename F::Stored* next;  // fetched from behind the second-level cache while the tile is computed

  bool last_block() const { return k_begin + k_count >= b->k(); }
};

template <class F>
const typename F::Stored* block_of_panel(const Position<F>& at, std::size_t panel) {
  return F::panel(*at.b, panel) + at.k_begin / F::kStepK * stored_elements<F>(at.b->vectors(panel));
}

/// The part of the next panel that tile t is to fetch: the first few tiles share it.
template <class F>
const typename F::Stored* next_part(const Position<F>& at, std::size_t t) {
  constexpr std::size_t line = kLine<typename F::Stored>, tiles = stored_elements<F>(kPanelVectors) / line;
  if (t >= tiles || at.panel + 1 >= at.b->panels()) return block_of_panel(at, at.panel);
  return block_of_panel(at, at.panel + 1) + t * steps_of<F>(at.k_count) * line;
}

template <class F, std::size_t kRows, std::size_t kPanels, std::size_t kWidth, bool kGathered>
void tile_at(const Position<F>& at, const Places<typename F::Value>& places, const typename F::Left* a,
             std::size_t a_stride) {
  using T = typename F::Value;
  constexpr std::size_t vectors = (kPanels - 1) * kPanelVectors + kWidth;
  // The outputs lie far apart, where the CPU does not expect them.
  if constexpr (kRows > 1) {
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t v = 0; v < vectors; ++v) {
        __builtin_prefetch(at.c + r * at.c_stride + places.vectors[v].begin, 1);
      }
    }
  }
  const auto *first = block_of_panel(at, at.panel), *last = block_of_panel(at, at.panel + kPanels - 1);
  const std::size_t panel_size = steps_of<F>(at.b->k()) * stored_elements<F>(kPanelVectors);
  typename F::Sum sums[kRows][vectors];
  tile<F, kRows, kPanels, kWidth, kGathered>(steps_of<F>(at.k_count), a, a_stride, first, panel_size, last,
                                             at.next, sums);
  const Output<T> out{at.c, at.c_stride, places, at.start, at.bias};
  Vector<T> totals[kRows][vectors];
  F::totals(*at.b, a, places.vectors, sums, totals);
  switch (out.start) {
    case Start::zero:
      return finish<Start::zero>(out, totals);
    case Start::bias:
      return finish<Start::bias>(out, totals);
    case Start::accumulate:
      return finish<Start::accumulate>(out, totals);
  }
}

template <class F>
using TileFunction = void (*)(const Position<F>&, const Places<typename F::Value>&, const typename F::Left*,
                              std::size_t);

/// For 1 ... kTileRows rows and one panel of some width.
template <class F, bool kGathered, std::size_t kWidth, std::size_t... kRow>
constexpr std::array<TileFunction<F>, kTileRows> one_panel(std::index_sequence<kRow...>) {
  return {tile_at<F, kRow + 1, 1, kWidth, kGathered>...};
}
/// For one row, which lies the same way gathered or not, and so many panels as are done at once, of which the
/// last has some width.
template <class F, std::size_t kWidth, std::size_t... kPanel>
constexpr std::array<TileFunction<F>, panels_at_once(1)> one_row(std::index_sequence<kPanel...>) {
  return {tile_at<F, 1, kPanel + 1, kWidth, false>...};
}

template <class F, bool kGathered, std::size_t kWidth>
TileFunction<F> tile_of_width(std::size_t rows, std::size_t panels) {
  static constexpr auto kOneRow = one_row<F, kWidth>(std::make_index_sequence<panels_at_once(1)>());
  static constexpr auto kOnePanel = one_panel<F, kGathered, kWidth>(std::make_index_sequence<kTileRows>());
  return rows == 1 ? kOneRow[panels - 1] : kOnePanel[rows - 1];
}

/// The kernel for so many rows and neighbouring panels, the last of so many vectors.
template <class F, bool kGathered>
TileFunction<F> tile_function(std::size_t rows, std::size_t panels, std::size_t width) {
  if (rows == 2 && panels == 2) return tile_at<F, 2, 2, kPanelVectors, kGathered>;
  if constexpr (kTileRows >= 3) {
    if (rows == 3 && panels == 2) return tile_at<F, 3, 2, kPanelVectors, kGathered>;
  }
  if (width == kPanelVectors) return tile_of_width<F, kGathered, kPanelVectors>(rows, panels);
  if (width == 1) return tile_of_width<F, kGathered, 1>(rows, panels);
  return tile_of_width<F, kGathered, 2>(rows, panels);
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

/// Gathers 1 ... kTileRows rows.
template <class F>
using Gather = void (*)(const LeftBlock<typename F::Value>&, typename F::Left* HWY_RESTRICT);
template <class F, std::size_t... kRow>
constexpr std::array<Gather<F>, kTileRows> gathers(std::index_sequence<kRow...>) {
  return {F::template gather<kRow + 1>...};
}

template <class F>
void gather(const RowTiles& tiles, const LeftBlock<typename F::Value>& block, typename F::Left* buffer) {
  if constexpr (F::kInPlace) {
    if (block.a.m_stride == 1 && tiles.rows(tiles.count() - 1) == kTileRows)
      return F::gather_tiles(block, tiles.count(), buffer);
  }
  static constexpr auto kGather = gathers<F>(std::make_index_sequence<kTileRows>());
  for (std::size_t t = 0; t < tiles.count(); ++t) {
    LeftBlock<typename F::Value> from = block;
    from.a.data += tiles.begin(t) * from.a.m_stride;
    kGather[tiles.rows(t) - 1](from, buffer + t * F::kTileLeft);
  }
}

/// All panels for the rows of one block, one block of k. `left` is A's part in place, rows `a_stride` apart,
/// or a buffer for it.
template <class F, bool kGathered>
void rows_by_panels(const RowTiles& tiles, LeftBlock<typename F::Value> block, Position<F> at,
                    std::size_t panel_end, typename F::Left* buffer) {
  const auto left = [&](std::size_t t) -> const typename F::Left* {
    if constexpr (kGathered) return buffer + t * F::kTileLeft;
    if constexpr (!kGathered) return block.data() + tiles.begin(t) * block.a.m_stride;
  };
  if constexpr (kGathered) gather<F>(tiles, block, buffer);
  const std::size_t few = tiles.count() == 1 ? tiles.rows(0) : kTileRows;
  const bool done = at.epilogue != nullptr && at.last_block();
  auto* const c = at.c;
  const std::size_t first_row = at.row, first_unit = at.b->units_before(at.panel);
  while (at.panel < panel_end) {
    const std::size_t panels = next_panels(*at.b, few, at.panel, panel_end);
    const std::size_t width = at.b->vectors(at.panel + panels - 1);
    const Places places(*at.b, at.panel, panels);
    const std::size_t unit = at.b->units_before(at.panel),
                      units = at.b->units_before(at.panel + panels) - unit;
    for (std::size_t t = 0; t < tiles.count(); ++t) {
      const std::size_t row = tiles.begin(t), rows = tiles.rows(t);
      at.c = c + row * at.c_stride;
      at.next = next_part(at, t);
      tile_function<F, kGathered>(rows, panels, width)(at, places, left(t), block.a.m_stride);
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
template <class F, bool kGathered>
void blocks(std::size_t m, LeftMatrix<typename F::Value> a, Position<F> at, std::size_t panel_end,
            typename F::Left* buffer) {
  const std::size_t most_rows = kTileRows * (kGathered ? F::kTilesInBuffer : kTilesInBlock);
  auto* const c = at.c;
  do {
    at.k_count = std::min(kBlockK, at.b->k() - at.k_begin);
    for (std::size_t row = 0; row < m; row += most_rows) {
      const RowTiles tiles(std::min(most_rows, m - row));
      const LeftMatrix<typename F::Value> here{a.data + row * a.m_stride, a.m_stride, a.k_stride};
      at.c = c + row * at.c_stride;
      at.row = row;
      rows_by_panels<F, kGathered>(tiles, {here, at.b->k(), at.k_begin, at.k_count}, at, panel_end, buffer);
    }
    at.k_begin += kBlockK;
    at.start = Start::accumulate;
  } while (at.k_begin < at.b->k());
}

template <class F>
HWY_NOINLINE void gathered_blocks(std::size_t m, LeftMatrix<typename F::Value> a, const Position<F>& at,
                                  std::size_t panel_end) {
  alignas(64) typename F::Left buffer[F::kTilesInBuffer * F::kTileLeft];
  blocks<F, true>(m, a, at, panel_end, buffer);
}

template <class F>
void product_in(std::size_t m, LeftMatrix<typename F::Value> a, const PackedMatrix<typename F::Value>& b,
                typename F::Value* c, std::size_t c_stride, Start start, const typename F::Value* bias,
                const Epilogue* epilogue, std::size_t panel_begin, std::size_t panel_end) {
  for (std::size_t panel = panel_begin; panel < panel_end; panel += kPanelsInGroup<F>) {
    const Position<F> at{&b, 0, 0, panel, c, 0, c_stride, start, bias, epilogue, nullptr};
    const std::size_t group_end = std::min(panel_end, panel + kPanelsInGroup<F>);
    if constexpr (F::kInPlace) {
      if (a.k_stride == 1) {
        blocks<F, false>(m, a, at, group_end, nullptr);
        continue;
      }
    }
    gathered_blocks(m, a, at, group_end);
  }
}

template <class T>
void product(std::size_t m, LeftMatrix<T> a, const PackedMatrix<T>& b, T* c, std::size_t c_stride,
             Start start, const T* bias, const Epilogue* epilogue, std::size_t panel_begin,
             std::size_t panel_end) {
  auto function = product_in<PlainFormat<T>>;
  if constexpr (std::is_same_v<T, float>) {
    if (b.format() == WeightFormat::bf16) function = product_in<Bf16Format>;
    if (b.format() == WeightFormat::int8) function = product_in<Int8Format>;
  }
  function(m, a, b, c, c_stride, start, bias, epilogue, panel_begin, panel_end);
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
