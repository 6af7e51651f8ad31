// How the sums of a tile reach the outputs of a product.
#if defined(CAROUSEL_KERNELS_GEMM_OUTPUT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_GEMM_OUTPUT_INL_H
#undef CAROUSEL_KERNELS_GEMM_OUTPUT_INL_H
#else
#define CAROUSEL_KERNELS_GEMM_OUTPUT_INL_H
#endif

#include "kernels/gemm.h"
#include "kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

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

/// The same for a tile of so many rows and vectors with gaps, by way of memory.
template <Start kStart, class T>
HWY_NOINLINE void finish_edge(const Output<T>& out, const T* HWY_RESTRICT sums, std::size_t rows,
                              std::size_t vectors) {
  const Tag<T> d;
  T* c = out.c;
  for (std::size_t r = 0; r < rows; ++r, c += out.stride) {
    for (std::size_t v = 0; v < vectors; ++v, sums += kVectorLanes<T>) {
      const auto [begin, count] = out.places.vectors[v];
      if (count == 0) continue;
      const Piece<T> piece{begin, count};
      piece.store(canonical<T>(hn::Add(beginning<kStart>(out, c, piece), hn::Load(d, sums))), c);
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
  finish_edge<kStart>(out, memory, kRows, kVectors);
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
