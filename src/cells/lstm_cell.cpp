#include "cells/lstm_cell.h"

#include <algorithm>

#include "kernels/lstm_gates.h"

namespace carousel {

using kernels::LeftMatrix;
using kernels::Start;

namespace {
template <class T>
kernels::Rows<T> rows_of(View<T> view) {
  return {view.data(), view.stride()};
}
}  // namespace

template <class T>
void LstmCell<T>::pack(std::span<const T> W, std::span<const T> R, std::span<const T> b) {
  const std::size_t G = gates();
  W_.pack(W.data(), inputs_, G, 1, inputs_, kGates);
  R_.pack(R.data(), hidden_, G, 1, hidden_, kGates);
  W_transposed_.pack(W.data(), G, inputs_, inputs_, 1);
  R_transposed_.pack(R.data(), G, hidden_, hidden_, 1);
  b_.assign(b.begin(), b.end());
}

template <class T>
void LstmCell<T>::input_product(View<const T> x, View<T> gates, Groups groups) const noexcept {
  gemm(x.rows(), LeftMatrix<T>{x.data(), x.stride()}, W_, gates.data(), gates.stride(), Start::bias,
       b_.data(), static_cast<const kernels::Epilogue*>(nullptr), groups.begin * W_.group_panels(),
       std::min(groups.end * W_.group_panels(), W_.panels()));
}

template <class T>
void LstmCell<T>::forward(View<T> gates, View<const T> h_before, View<const T> c_before, View<T> c, View<T> h,
                          Groups groups) const noexcept {
  const kernels::LstmForward<T> step{hidden_, rows_of(gates), rows_of(c_before), rows_of(c), rows_of(h)};
  const kernels::Epilogue epilogue{
      [](const void* of, std::size_t row, std::size_t rows, std::size_t unit, std::size_t units) noexcept {
        kernels::lstm_gates_forward(*static_cast<const kernels::LstmForward<T>*>(of), row, rows, unit, units);
      },
      &step};
  gemm(gates.rows(), LeftMatrix<T>{h_before.data(), h_before.stride()}, R_, gates.data(), gates.stride(),
       Start::accumulate, static_cast<const T*>(nullptr), &epilogue, groups.begin * R_.group_panels(),
       std::min(groups.end * R_.group_panels(), R_.panels()));
}

template <class T>
void LstmCell<T>::backward(View<const T> gates, View<const T> c_before, View<const T> c, View<T> dh,
                           View<T> dc, View<T> dgates) const noexcept {
  const kernels::LstmBackward<T> step{hidden_,        rows_of(gates),       rows_of(c_before),
                                      rows_of(c),     rows_of<const T>(dh), rows_of(dc),
                                      rows_of(dgates)};
  kernels::lstm_gates_backward(step, 0, gates.rows(), 0, hidden_);
  gemm(dgates.rows(), LeftMatrix<T>{dgates.data(), dgates.stride()}, R_transposed_, dh.data(), dh.stride(),
       Start::zero);
}

template <class T>
void LstmCell<T>::input_gradient(View<const T> dgates, View<T> dx) const noexcept {
  gemm(dgates.rows(), LeftMatrix<T>{dgates.data(), dgates.stride()}, W_transposed_, dx.data(), dx.stride(),
       Start::zero);
}

template class LstmCell<float>;
template class LstmCell<double>;

}  // namespace carousel
