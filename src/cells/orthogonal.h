// Orthogonal first values of recurrent weights: Saxe, McClelland, Ganguli, ICLR 2014.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carousel {

/// w [rows, columns]: its rows, or if there are more rows than columns its columns, are orthonormal; a
/// function of the seed and the stream.
template <class T>
void fill_orthogonal(T* w, std::size_t rows, std::size_t columns, std::uint64_t seed, std::uint64_t stream);

}  // namespace carousel
