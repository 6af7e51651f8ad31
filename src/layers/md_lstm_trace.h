// The buffers of one pass through a multidimensional LSTM.
#pragma once

#include <vector>

#include "kernels/packed_matrix.h"
#include "layers/layer.h"

namespace carousel {

/// Images whose diagonals are one product: part of the contract, for a group is where a partial sum of weight
/// gradients begins.
inline constexpr std::size_t kMdLstmGroup = 32;

/// Those of one thread, each with room for the largest diagonal of a group.
template <class T>
struct MdLstmBuffers {
  AlignedVector<T> scratch;                    // of the forward pass
  AlignedVector<T> windows, before, c_before;  // [rows, window * channels], [rows, D H] twice
  AlignedVector<T> dgates, d_windows, d_before, dc_before;
  AlignedVector<T> dh, dc, dh_next, dc_next;  // [rows, H]; next: of the diagonal before, which is next here
  AlignedVector<T> gradient;                  // of a group, laid out like the layer's parameters
  kernels::PackedMatrix<T> packed;
};

template <class T>
struct MdLstmTrace : Trace<T> {
  bool kept = false;
  Tensor<T> gates, c, h;  // [directions * images * positions, ...]
  std::vector<MdLstmBuffers<T>> buffers;
};

}  // namespace carousel
