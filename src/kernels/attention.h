// What attention does with the rows of its memory, one query at a time. Vectors run along the rows, sums over
// rows in ascending order.
#pragma once

#include <cstddef>

namespace carousel::kernels {

/// out[n] += sum over r of weights[r] * x[r][n], by FMAs: blocks of kBlockK rows, each from zero, added in
/// order.
template <class T>
void add_weighted_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, std::size_t stride,
                       T* out) noexcept;
/// out[r][n] = fma(weights[r], x[n], out[r][n])
template <class T>
void add_to_rows(const T* weights, const T* x, std::size_t rows, std::size_t n, T* out,
                 std::size_t stride) noexcept;
/// out = tanh(a + b). out may be a or b.
template <class T>
void tanh_of_sum(const T* a, const T* b, T* out, std::size_t n) noexcept;
/// Back through e = sum of v * u, u = tanh(a + b), given de: dv += de u; dsum = (de v) (1 - u u), added to da
/// and db.
template <class T>
void tanh_of_sum_gradient(T de, const T* v, const T* u, std::size_t n, T* dv, T* da, T* db) noexcept;

}  // namespace carousel::kernels
