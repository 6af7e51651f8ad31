// The buffers of one pass through a multidimensional LSTM.
#pragma once

#include <memory>
#include <vector>

#include "layers/layer.h"
#include "layers/outer_products.h"

namespace carousel {

/// Images whose diagonals are one product: part of the contract, for a group is where a partial sum of weight
/// gradients begins.
inline constexpr std::size_t kMdLstmGroup = 8;

/// Those of one thread, each with room for the largest diagonal of a group.
template <class T>
struct MdLstmBuffers {
  AlignedVector<T> scratch;                    // of the forward pass
  AlignedVector<T> windows, before, c_before;  // [rows, window * channels], [rows, D H] twice
  AlignedVector<T> dgates, d_windows, d_before, dc_before;
  AlignedVector<T> dh, dc, dh_next, dc_next;  // [rows, H]; next: of the diagonal before, which is next here
  AlignedVector<T> gradient;                  // of a group, laid out like the layer's parameters
  SegmentedGradients<T> sums;                 // of W and R, over the diagonals of a group
  ThreadPool alone{1};
};

template <class T>
struct MdLstmTrace : Trace<T> {
  bool kept = false;
  Tensor<T> gates, c, h;  // [directions * images * positions, ...]
  std::vector<std::unique_ptr<MdLstmBuffers<T>>> buffers;

  void reserve(std::size_t parts) {
    while (buffers.size() < parts) buffers.push_back(std::make_unique<MdLstmBuffers<T>>());
  }
};

}  // namespace carousel
