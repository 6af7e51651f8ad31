// Products of a cell's step, whole or the share of one thread.
#pragma once

#include <algorithm>

#include "cells/cell.h"
#include "kernels/gemm.h"
#include "kernels/rows.h"
#include "tensor/view.h"

namespace carousel {

template <class T>
kernels::Rows<T> rows_of(View<T> view) {
  return {view.data(), view.stride()};
}

/// Into at most so many shares the columns of a matrix may fall: a share is of whole groups of panels.
template <class T>
std::size_t most_shares_of(const kernels::PackedMatrix<T>& matrix) noexcept {
  return (matrix.panels() + matrix.group_panels() - 1) / matrix.group_panels();
}

/// The panels of a share, and the units whose columns they hold.
template <class T>
Share::Range panels_of(const kernels::PackedMatrix<T>& matrix, Share share) noexcept {
  const std::size_t group = matrix.group_panels(), panels = matrix.panels();
  const Share::Range groups = share.of(most_shares_of(matrix));
  return {std::min(panels, groups.begin * group), std::min(panels, groups.end * group)};
}
template <class T>
Share::Range units_of(const kernels::PackedMatrix<T>& matrix, Share share) noexcept {
  const Share::Range panels = panels_of(matrix, share);
  return {matrix.units_before(panels.begin), matrix.units_before(panels.end)};
}

/// c = start + a B for the columns of a share; bias and epilogue as of kernels::gemm.
template <class T>
void product(View<const T> a, const kernels::PackedMatrix<T>& B, View<T> c, kernels::Start start, Share share,
             const kernels::Epilogue* epilogue = nullptr, const T* bias = nullptr) noexcept {
  const Share::Range panels = panels_of(B, share);
  gemm(a.rows(), kernels::LeftMatrix<T>{a.data(), a.stride()}, B, c.data(), c.stride(), start, bias, epilogue,
       panels.begin, panels.end);
}

/// A matrix of weights [outputs, inputs], packed for products forward, x W^T, and back, dy W.
template <class T>
struct Factor {
  kernels::PackedMatrix<T> forward, back;

  /// parts: of its outputs, as PackedMatrix takes turns with them.
  void pack(const T* weights, std::size_t outputs, std::size_t inputs, std::size_t parts,
            const Packing& packing) {
    forward.pack(weights, inputs, outputs, 1, inputs, parts, packing.weights);
    if (packing.backward) back.pack(weights, outputs, inputs, inputs, 1);
  }
};

}  // namespace carousel
