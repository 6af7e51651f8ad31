// What all losses over single targets share: shapes, missing targets, the order of sums.
#pragma once

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "losses/loss.h"

namespace carousel {

/// Throws Error naming the loss unless prediction is [N, columns], target [N, F] and gradient as
/// prediction or without rows.
template <class T>
void check_loss_shapes(const std::string& loss, std::size_t columns, View<const T> prediction,
                       View<const T> target, View<T> gradient) {
  if (prediction.rows() != target.rows() || prediction.columns() != columns)
    throw Error(fmt::format("[{}] expected predictions [{}, {}] for targets [{}, {}], got [{}, {}]", loss,
                            target.rows(), columns, target.rows(), target.columns(), prediction.rows(),
                            prediction.columns()));
  if (gradient.rows() != 0 && (gradient.rows() != prediction.rows() || gradient.columns() != columns))
    throw Error(fmt::format("[{}] expected a gradient [{}, {}], got [{}, {}]", loss, prediction.rows(),
                            columns, gradient.rows(), gradient.columns()));
}

/// Targets that are there.
template <class T>
std::size_t count_targets(View<const T> target) {
  std::size_t count = 0;
  for (std::size_t r = 0; r < target.rows(); ++r)
    for (const T y : target.row_span(r)) count += std::isnan(y) ? 0 : 1;
  return count;
}

/// Whether a step has one.
template <class T>
bool any_target(std::span<const T> y) {
  return !std::ranges::all_of(y, [](T v) { return std::isnan(v); });
}

/// Sums, row by row and in double, loss_of(y, p, d) over the targets that are there. p: the outputs for
/// target y; d: null, or where loss_of writes the derivatives of this target's loss, which are divided by the
/// count here.
template <class T, class LossOf>
LossValue sum_over_targets(std::size_t outputs, View<const T> prediction, View<const T> target,
                           View<T> gradient, LossOf&& loss_of) {
  LossValue value{0, count_targets(target)};
  const T scale = value.count == 0 ? T(0) : T(1) / static_cast<T>(value.count);
  const bool wants_gradient = gradient.rows() != 0;
  for (std::size_t r = 0; r < target.rows(); ++r)
    for (std::size_t f = 0; f < target.columns(); ++f) {
      T* d = wants_gradient ? gradient.row(r) + f * outputs : nullptr;
      const T y = target(r, f);
      if (std::isnan(y)) {
        if (wants_gradient) std::fill_n(d, outputs, T(0));
        continue;
      }
      value.sum += static_cast<double>(loss_of(y, prediction.row(r) + f * outputs, d));
      if (wants_gradient)
        for (std::size_t k = 0; k < outputs; ++k) d[k] *= scale;
    }
  return value;
}

}  // namespace carousel
