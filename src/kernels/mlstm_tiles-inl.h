// What all matrices of an mLSTM's head go through, for some steps at a time and tile by tile: a tile of the
// matrix stays in registers for all of these steps, so that it is read and written once. Compiled once for
// each target.
#if defined(CAROUSEL_KERNELS_MLSTM_TILES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_MLSTM_TILES_INL_H
#undef CAROUSEL_KERNELS_MLSTM_TILES_INL_H
#else
#define CAROUSEL_KERNELS_MLSTM_TILES_INL_H
#endif

#include "kernels/mlstm.h"
#include "kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

// A tile of so many rows x kPanelVectors vectors leaves registers for as many sums and summands.
constexpr std::size_t kMemoryRows = 4;
constexpr std::size_t kCacheLine = 64;

/// Steps of a [d, d] matrix M: M <- decay M + x y^T, then product = M^T z, one chain of fused multiply-adds
/// over ascending rows. Of the vectors x, y, z and product those of one step lie `stride` behind those of the
/// step before; they have room for whole vectors.
template <class T>
struct MatrixSteps {
  std::size_t size, steps;
  const T* decay;
  std::ptrdiff_t stride;
  const T *x, *y, *z;
  T* product;

  /// As a tile sees them.
  HWY_INLINE MatrixSteps from(std::size_t row, std::size_t column) const {
    return {size, steps, decay, stride, x + row, y + column, z + row, product + column};
  }
  HWY_INLINE void next() {
    ++decay;
    x += stride;
    y += stride;
    z += stride;
    product += stride;
  }
};

/// kRows rows from `row` on, of kVectors vectors from `column` on.
template <class T, std::size_t kRows, std::size_t kVectors>
struct Tile {
  std::size_t row, column;
  Vector<T> M[kRows][kVectors];

  static constexpr std::size_t kColumns = kVectors * kVectorLanes<T>, kSize = kRows * kColumns;

  /// The tile in memory, rows `stride` apart.
  HWY_INLINE void from_values(const T* values, std::size_t stride) {
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v)
        M[r][v] = hn::LoadU(Tag<T>(), values + r * stride + v * kVectorLanes<T>);
  }
  HWY_INLINE void to_values(T* values, std::size_t stride) const {
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v)
        hn::StoreU(M[r][v], Tag<T>(), values + r * stride + v * kVectorLanes<T>);
  }
  /// From and to a matrix. The last tile of a row may end within a vector: then by way of whole ones.
  HWY_INLINE void load(std::size_t size, const T* from) {
    from += row * size + column;
    const std::size_t columns = std::min(kColumns, size - column);
    for (std::size_t r = 0; row + kRows + r < size && r < kRows; ++r)  // the next tile, which would come late
      for (std::size_t at = 0; at < columns; at += kCacheLine / sizeof(T))
        __builtin_prefetch(from + (kRows + r) * size + at);
    if (HWY_LIKELY(columns == kColumns)) return from_values(from, size);
    HWY_ALIGN T values[kSize] = {};
    for (std::size_t r = 0; r < kRows; ++r) std::copy_n(from + r * size, columns, values + r * kColumns);
    from_values(values, kColumns);
  }
  HWY_INLINE void store(std::size_t size, T* to) {
    to += row * size + column;
    const std::size_t columns = std::min(kColumns, size - column);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) M[r][v] = canonical<T>(M[r][v]);
    if (HWY_LIKELY(columns == kColumns)) return to_values(to, size);
    HWY_ALIGN T values[kSize];
    to_values(values, kColumns);
    for (std::size_t r = 0; r < kRows; ++r) std::copy_n(values + r * kColumns, columns, to + r * size);
  }

  /// What the tile's columns have of sums over rows, which begin with the first row.
  HWY_INLINE void sums_of(const T* sums, Vector<T> (&into)[kVectors]) const {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v)
      into[v] = row > 0 ? hn::LoadU(Tag<T>(), sums + v * kVectorLanes<T>) : hn::Zero(Tag<T>());
  }
  HWY_INLINE static void leave(const Vector<T> (&from)[kVectors], T* sums) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(from[v], Tag<T>(), sums + v * kVectorLanes<T>);
  }

  /// M <- decay M + x y^T, row by row; then what(row).
  template <class What>
  HWY_INLINE void update(const MatrixSteps<T>& step, const What& what) {
    const Tag<T> d;
    const auto keep = hn::Set(d, *step.decay);
    Vector<T> y[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) y[v] = hn::LoadU(d, step.y + v * kVectorLanes<T>);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto factor = hn::Set(d, step.x[r]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) M[r][v] = mul_add(factor, y[v], hn::Mul(keep, M[r][v]));
      what(r);
    }
  }

  /// All steps, and their products.
  HWY_INLINE void run(MatrixSteps<T> step) {
    for (std::size_t left = step.steps; left > 0; --left, step.next()) {
      Vector<T> sums[kVectors];
      sums_of(step.product, sums);
      update(step, [&](std::size_t r) HWY_ATTR {
        const auto factor = hn::Set(Tag<T>(), step.z[r]);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) sums[v] = mul_add(M[r][v], factor, sums[v]);
      });
      leave(sums, step.product);
    }
  }
  /// All steps without their products; before each the tile is kept.
  HWY_INLINE void keep(MatrixSteps<T> step, T* kept) {
    for (std::size_t left = step.steps; left > 0; --left, step.next(), kept += kSize) {
      to_values(kept, kColumns);
      update(step, [](std::size_t) {});
    }
  }
  /// All steps, their products, and overlap[column] += the sum over rows of M and what was kept of another
  /// matrix, its last step first.
  HWY_INLINE void run(MatrixSteps<T> step, T* overlap, const T* kept_end) {
    for (std::size_t left = step.steps; left > 0; --left, step.next(), overlap += step.stride) {
      kept_end -= kSize;
      Vector<T> sums[kVectors], overlaps[kVectors];
      sums_of(step.product, sums);
      sums_of(overlap, overlaps);
      update(step, [&](std::size_t r) HWY_ATTR {
        const auto factor = hn::Set(Tag<T>(), step.z[r]);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) {
          const auto kept = hn::Load(Tag<T>(), kept_end + r * kColumns + v * kVectorLanes<T>);
          sums[v] = mul_add(M[r][v], factor, sums[v]);
          overlaps[v] = mul_add(M[r][v], kept, overlaps[v]);
        }
      });
      leave(sums, step.product);
      leave(overlaps, overlap);
    }
  }
};

/// A matrix through its steps.
template <class T>
struct ThroughSteps {
  MatrixSteps<T> steps;
  const T* from;
  T* to;

  template <std::size_t kRows, std::size_t kVectors>
  HWY_NOINLINE void run(std::size_t row, std::size_t column) const {
    Tile<T, kRows, kVectors> tile{row, column, {}};
    tile.load(steps.size, from);
    tile.run(steps.from(row, column));
    tile.store(steps.size, to);
  }
};

/// Steps of C made again, and the matrix of its gradients through the last of them, back.
template <class T>
struct BackThroughSteps {
  MatrixSteps<T> again;
  const T* C;
  MatrixSteps<T> back;
  T *dC, *overlap;  ///< overlap like back's products

  template <std::size_t kRows, std::size_t kVectors>
  HWY_NOINLINE void run(std::size_t row, std::size_t column) const {
    using Tile = Tile<T, kRows, kVectors>;
    HWY_ALIGN T kept[kMlstmSteps * Tile::kSize];
    Tile tile{row, column, {}};
    tile.load(again.size, C);
    tile.keep(again.from(row, column), kept);
    tile.load(back.size, dC);
    tile.run(back.from(row, column), overlap + column, kept + again.steps * Tile::kSize);
    tile.store(back.size, dC);
  }
};

/// Calls body.run<rows, vectors>(row, column) for tiles that make up [size, size], rows in ascending order.
template <class T, std::size_t kVectors, class Body>
HWY_INLINE void for_tiles_of(std::size_t size, std::size_t column, const Body& body) {
  std::size_t row = 0;
  for (; row + kMemoryRows <= size; row += kMemoryRows) body.template run<kMemoryRows, kVectors>(row, column);
  for (; row < size; ++row) body.template run<1, kVectors>(row, column);
}
template <class T, class Body>
HWY_INLINE void for_tiles(std::size_t size, const Body& body) {
  constexpr std::size_t lanes = kVectorLanes<T>;
  std::size_t column = 0;
  for (; column + (kPanelVectors - 1) * lanes < size; column += kPanelVectors * lanes)
    for_tiles_of<T, kPanelVectors>(size, column, body);
  for (; column < size; column += lanes) for_tiles_of<T, 1>(size, column, body);
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
