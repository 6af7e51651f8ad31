// The buffers of one pass through a convolutional LSTM.
#pragma once

#include <vector>

#include "kernels/packed_matrix.h"
#include "layers/layer.h"

namespace carousel {

/// Positions whose windows are made, multiplied and summed at a time: part of the contract, for a block is
/// where a partial sum of weight gradients begins.
inline constexpr std::size_t kConvLstmBlock = 128;

/// Those of one thread.
template <class T>
struct ConvLstmBuffers {
  AlignedVector<T> windows;        // [block, kernel * channels]
  AlignedVector<T> gates;          // [block, 4 hidden]; backward: their gradients
  AlignedVector<T> dh, dh_before;  // [positions * hidden]
  kernels::PackedMatrix<T> packed;
};

template <class T>
struct ConvLstmTrace : Trace<T> {
  bool kept = false;
  LayoutPointer layout;
  Tensor<T> initial;  // [B, 2 O] slots: h, c
  Tensor<T> gates;    // [rows, positions * 4 hidden]
  Tensor<T> c;        // [rows, O]; if not kept, [B, O] slots
  // Backward: gradients of each sequence, added up longest first, so that threads do not show.
  Tensor<T> gradients;  // [B, parameters]
  std::vector<ConvLstmBuffers<T>> buffers;

  void prepare(std::size_t parts, std::size_t width, std::size_t gate_columns) {
    if (buffers.size() < parts) buffers.resize(parts);
    for (ConvLstmBuffers<T>& of : buffers) {
      of.windows.resize(kConvLstmBlock * width);
      of.gates.resize(kConvLstmBlock * gate_columns);
    }
  }
};

}  // namespace carousel
