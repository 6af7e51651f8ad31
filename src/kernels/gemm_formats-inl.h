// How a product reads its factors, one struct for each format of weights:
//
//   Value                   of A and C
//   Left                    of A as the tile kernel reads it
//   Stored                  of a panel of B in memory
//   Factor                  a vector of elements of B in registers
//   Sum                     what products are summed in
//   kStepK, kHalves         k of one step, which is made in so many halves that use the same memory
//   kInPlace                A is read where it lies, if its k lie side by side
//   kTileLeft               Lefts of a tile of A once gathered
//   kTilesInBuffer          such tiles that make about 48 KiB: they stay in cache while all panels pass by
//   stored(vectors)         vectors in memory for a step of so many vectors of columns
//   load<n>(p, half, out)   n factors of a step at p
//   left(...)               the factor of row r for a half of a step
//   totals(...)             the sums as Values
//   gather(...)             copies a tile of A so that the factors of one step lie side by side
#if defined(CAROUSEL_KERNELS_GEMM_FORMATS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_GEMM_FORMATS_INL_H
#undef CAROUSEL_KERNELS_GEMM_FORMATS_INL_H
#else
#define CAROUSEL_KERNELS_GEMM_FORMATS_INL_H
#endif

#include <bit>

#include "kernels/gemm.h"
#include "kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// Rows of A and a block of k of them, [k_begin, k_begin + k_count) of k.
template <class T>
struct LeftBlock {
  LeftMatrix<T> a;  // row 0, k 0
  std::size_t k, k_begin, k_count;

  const T* data() const { return a.data + k_begin * a.k_stride; }
};

/// Weights as they are, or widened to T without loss as they are read: chains of FMAs either way.
template <class T>
struct FusedFormat {
  using Value = T;
  using Left = T;
  using Factor = Vector<T>;
  using Sum = Vector<T>;
  static constexpr std::size_t kStepK = 1, kHalves = 1;
  static constexpr bool kInPlace = true;
  static constexpr std::size_t kTileLeft = kTileRows * kBlockK;
  static constexpr std::size_t kTilesInBuffer = 48 * 1024 / (kTileLeft * sizeof(T));

  template <std::size_t kRows, bool kGathered>
  static HWY_INLINE Vector<T> left(const T* a, std::size_t stride, std::size_t k, std::size_t r) {
    return hn::Set(Tag<T>(), kGathered ? a[k * kRows + r] : a[r * stride + k]);
  }
  template <std::size_t kRows>
  static HWY_INLINE Vector<T> beginning(const T*, std::size_t) {
    return hn::Zero(Tag<T>());
  }
  static HWY_INLINE Vector<T> multiply_add(Vector<T> left, Vector<T> right, Vector<T> sum) {
    return mul_add(left, right, sum);
  }
  template <std::size_t kRows, std::size_t kVectors>
  static HWY_INLINE void totals(const PackedMatrix<T>&, const T*, const typename PackedMatrix<T>::Columns*,
                                const Sum (&sums)[kRows][kVectors], Vector<T> (&out)[kRows][kVectors]) {
#pragma GCC unroll 6
    for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 12
      for (std::size_t v = 0; v < kVectors; ++v) out[r][v] = sums[r][v];
    }
  }

  template <std::size_t kRows>
  static void gather(const LeftBlock<T>& block, T* HWY_RESTRICT out) {
    const auto [data, m_stride, k_stride] = block.a;
    const T* HWY_RESTRICT from = block.data();
    for (std::size_t k = 0; k < block.k_count; ++k, out += kRows, from += k_stride) {
      if (m_stride == 1) {
        std::memcpy(out, from, kRows * sizeof(T));
      } else {
        for (std::size_t r = 0; r < kRows; ++r) out[r] = from[r * m_stride];
      }
    }
  }
  /// So many whole tiles at once, whose rows lie side by side (m_stride 1): each line of A is read but once.
  static void gather_tiles(const LeftBlock<T>& block, std::size_t tiles, T* HWY_RESTRICT out) {
    const T* HWY_RESTRICT from = block.data();
    for (std::size_t k = 0; k < block.k_count; ++k, out += kTileRows, from += block.a.k_stride)
      for (std::size_t t = 0; t < tiles; ++t)
        std::memcpy(out + t * kTileLeft, from + t * kTileRows, kTileRows * sizeof(T));
  }
};

template <class T>
struct PlainFormat : FusedFormat<T> {
  using Stored = T;
  static constexpr std::size_t stored(std::size_t vectors) { return vectors; }
  static const T* panel(const PackedMatrix<T>& b, std::size_t p) { return b.panel(p); }
  template <std::size_t kVectors>
  static HWY_INLINE void load(const T* p, std::size_t, Vector<T>* out) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) out[v] = hn::Load(Tag<T>(), p + v * kVectorLanes<T>);
  }
};

struct Bf16Format : FusedFormat<float> {
  using Stored = std::uint32_t;
  static constexpr std::size_t stored(std::size_t vectors) { return (vectors + 1) / 2; }
  static const Stored* panel(const PackedMatrix<float>& b, std::size_t p) { return b.words(p); }
  template <std::size_t kVectors>
  static HWY_INLINE void load(const Stored* p, std::size_t, Vector<float>* out) {
    const Tag<float> d;
    const Tag<std::uint32_t> du;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; v += 2) {
      const auto words = hn::Load(du, p + v / 2 * kVectorLanes<float>);
      out[v] = hn::BitCast(d, hn::ShiftLeft<16>(words));
      if (v + 1 < kVectors) out[v + 1] = hn::BitCast(d, hn::And(words, hn::Set(du, 0xFFFF0000u)));
    }
  }
};

/// Rows of A as 16-bit numbers, a = q * scale.
struct QuantisedTile {
  float scale[kTileRows];
  /// What the sums of a row begin with: panels hold half of their elements plus 128.
  std::int32_t offset[kTileRows];
  /// Two neighbouring k of row r: the first in the lower half.
  std::int32_t pairs[kTileRows * kBlockK / 2];
};

/// Products of 16 and 8 bits, summed exactly.
struct Int8Format {
  using Value = float;
  using Left = QuantisedTile;
  using Stored = std::uint32_t;
  using Factor = Vector<std::int32_t>;  // two 16-bit numbers in each
  using Sum = Vector<std::int32_t>;
  static constexpr std::size_t kStepK = 4, kHalves = 2;
  static constexpr bool kInPlace = false;
  static constexpr std::size_t kTileLeft = 1, kTilesInBuffer = 16;
  static constexpr std::size_t stored(std::size_t vectors) { return vectors; }
  static const Stored* panel(const PackedMatrix<float>& b, std::size_t p) { return b.words(p); }

  template <std::size_t kVectors>
  static HWY_INLINE void load(const Stored* p, std::size_t half, Factor* out);
  template <std::size_t kRows, bool kGathered>
  static HWY_INLINE Factor left(const QuantisedTile* a, std::size_t, std::size_t pair, std::size_t r) {
    return hn::Set(Tag<std::int32_t>(), a->pairs[pair * kRows + r]);
  }
  template <std::size_t kRows>
  static HWY_INLINE Sum beginning(const QuantisedTile* a, std::size_t r) {
    return hn::Set(Tag<std::int32_t>(), a->offset[r]);
  }
  static HWY_INLINE Sum multiply_add(Factor left, Factor right, Sum sum);
  template <std::size_t kRows, std::size_t kVectors>
  static HWY_INLINE void totals(const PackedMatrix<float>& b, const QuantisedTile* a,
                                const PackedMatrix<float>::Columns* columns,
                                const Sum (&sums)[kRows][kVectors], Vector<float> (&out)[kRows][kVectors]) {
    const Tag<float> d;
#pragma GCC unroll 12
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto scale = Piece<float>{columns[v].begin, columns[v].count}.load(b.scales());
#pragma GCC unroll 6
      for (std::size_t r = 0; r < kRows; ++r)
        out[r][v] = hn::Mul(hn::ConvertTo(d, sums[r][v]), hn::Mul(hn::Set(d, a->scale[r]), scale));
    }
  }
  template <std::size_t kRows>
  static void gather(const LeftBlock<float>& block, QuantisedTile* HWY_RESTRICT out);
};

/// Half 0: k and k + 1, each plus 128; half 1: k + 2 and k + 3.
template <std::size_t kVectors>
HWY_INLINE void Int8Format::load(const Stored* p, std::size_t half, Factor* out) {
  const Tag<std::int32_t> d;
  const Tag<std::uint32_t> du;
#pragma GCC unroll 4
  for (std::size_t v = 0; v < kVectors; ++v) {
    const auto words = hn::Load(du, p + v * kVectorLanes<float>);
    if (half == 0) {
      out[v] = hn::BitCast(d, hn::And(words, hn::Set(du, 0x00FF00FFu)));
      continue;
    }
#if HWY_TARGET == HWY_SCALAR
    const auto first = hn::ShiftRight<8>(hn::ShiftLeft<16>(hn::BitCast(d, words)));
    const auto second = hn::And(hn::ShiftRight<8>(hn::BitCast(d, words)), hn::Set(d, -65536));
    out[v] = hn::Or(second, hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(du, first))));
#else
    const hn::Repartition<std::int16_t, Tag<std::int32_t>> d16;
    out[v] = hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(d16, words)));
#endif
  }
}

HWY_INLINE Int8Format::Sum Int8Format::multiply_add(Factor left, Factor right, Sum sum) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  const Tag<std::int32_t> d;
  const hn::Repartition<std::int16_t, Tag<std::int32_t>> d16;
  Sum none = hn::Zero(d);
  return hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, left), hn::BitCast(d16, right), sum, none);
#else
  const auto low = [](Factor v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  const auto high = [](Factor v) { return hn::ShiftRight<16>(v); };
  return hn::Add(sum, hn::Add(hn::Mul(low(left), low(right)), hn::Mul(high(left), high(right))));
#endif
}

/// A row whose largest magnitude is below 2^-100 is quantised as if it were that.
HWY_INLINE float int16_scale(float largest) { return std::max(largest, 0x1p-100f) / 32767; }
HWY_INLINE float int16_factor(float largest) { return 32767 / std::max(largest, 0x1p-100f); }

/// n elements side by side: where they are, or copied into the buffer.
HWY_INLINE const float* side_by_side(const float* from, std::size_t n, std::size_t stride, float* buffer) {
  if (stride == 1) return from;
  for (std::size_t i = 0; i < n; ++i) buffer[i] = from[i * stride];
  return buffer;
}

/// The bits of the largest magnitude, which are ordered like the magnitudes: infinity and NaN last.
HWY_INLINE std::int32_t largest_bits(const LeftBlock<float>& block, const float* row) {
  const Tag<std::int32_t> d;
  auto most = hn::Zero(d);
  alignas(64) float buffer[kBlockK];
  for (std::size_t begin = 0; begin < block.k; begin += kBlockK) {
    const std::size_t n = std::min(kBlockK, block.k - begin);
    const float* p = side_by_side(row + begin * block.a.k_stride, n, block.a.k_stride, buffer);
    for (std::size_t i = 0; i < n; i += kVectorLanes<float>) {
      const Piece<float> piece{i, std::min(kVectorLanes<float>, n - i)};
      most = hn::Max(most, hn::And(hn::BitCast(d, piece.load(p)), hn::Set(d, 0x7FFFFFFF)));
    }
  }
  return hn::GetLane(hn::MaxOfLanes(d, most));
}

/// n <= kBlockK elements times `factor`, to the nearest whole numbers, then zeros up to a whole number of
/// steps and of vectors of pairs.
HWY_INLINE void quantise(const float* from, std::size_t n, float factor, std::int16_t* out) {
  const Tag<float> d;
  const Tag<std::int32_t> di;
  const hn::Rebind<std::int16_t, Tag<std::int32_t>> d16;
  constexpr std::size_t lanes = kVectorLanes<float>, whole = std::max(2 * lanes, Int8Format::kStepK);
  // A float of this size has no fraction, and its last bits count whole numbers.
  const auto no_fraction = hn::Set(d, 0x1.8p23f);
  std::size_t i = 0;
  for (; i < n; i += lanes) {
    const Piece<float> piece{i, std::min(lanes, n - i)};
    const auto counted = hn::BitCast(di, mul_add(piece.load(from), hn::Set(d, factor), no_fraction));
    hn::StoreU(hn::DemoteTo(d16, hn::Sub(counted, hn::BitCast(di, no_fraction))), d16, out + i);
  }
  for (; i % whole != 0; ++i) out[i] = 0;
}

/// The sum of every other pair of numbers, of so many pairs.
HWY_INLINE std::int32_t sum_of_first_halves(const std::int32_t* pairs, std::size_t count) {
  static constexpr std::int32_t kOnes[] = {65537, 0,     65537, 0,     65537, 0,     65537, 0,    65537,
                                           0,     65537, 0,     65537, 0,     65537, 0,     65537};
  const Tag<std::int32_t> d;
  auto sum = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += kVectorLanes<float>)
    sum = Int8Format::multiply_add(hn::LoadU(d, pairs + i), hn::LoadU(d, kOnes + i % 2), sum);
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <std::size_t kRows>
void Int8Format::gather(const LeftBlock<float>& block, QuantisedTile* HWY_RESTRICT out) {
  const std::size_t pairs = (block.k_count + kStepK - 1) / kStepK * kHalves, stride = block.a.k_stride;
  alignas(64) std::int16_t q[kBlockK];
  alignas(64) std::int32_t q_pairs[kBlockK / 2];
  alignas(64) float buffer[kBlockK];
  for (std::size_t r = 0; r < kRows; ++r) {
    const float* const row = block.a.data + r * block.a.m_stride;
    const auto largest = std::bit_cast<float>(largest_bits(block, row));
    const bool finite = std::isfinite(largest);
    out->scale[r] = finite ? int16_scale(largest) : std::numeric_limits<float>::quiet_NaN();
    const float* const from = side_by_side(row + block.k_begin * stride, block.k_count, stride, buffer);
    quantise(from, finite ? block.k_count : 0, int16_factor(largest), q);
    if (!finite) std::fill_n(q, kBlockK, std::int16_t{0});
    std::memcpy(q_pairs, q, sizeof(q));
    out->offset[r] = -128 * sum_of_first_halves(q_pairs, pairs);
    for (std::size_t i = 0; i < pairs; ++i) out->pairs[i * kRows + r] = q_pairs[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
