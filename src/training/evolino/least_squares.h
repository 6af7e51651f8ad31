// The readout of Evolino: a linear map of hidden activations, solved.
#pragma once

#include <span>

#include "tensor/view.h"

namespace carousel {

/// W [O, H] and, unless it is empty, b [O] that make
///
///     sum over rows |W x + b - d|^2  +  ridge |W|^2
///
/// smallest, for x [rows, H] and d [rows, O], from the singular values s of x: with ridge 0 by the
/// pseudo-inverse (Penrose 1955), where those below max(rows, H) epsilon s_max count as 0, so that of several
/// solutions it is the one with the smallest |W|. b takes no penalty: with it, x and d are measured from
/// their means. At least one row; all values must be finite. False, and nothing is written, if W or b would
/// not be.
template <class T>
bool solve_least_squares(View<const T> x, View<const T> d, double ridge, View<T> W, std::span<T> b);

}  // namespace carousel
