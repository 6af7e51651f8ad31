// Sequences with what should come out of them, and how a network goes through them whose outputs come back as
// inputs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "model/network.h"

namespace carousel {

/// inputs [T, B, F] and targets [T, B, O] of the same lengths, targets NaN where there are none; F is 0 where
/// only outputs come back. The first `washout` steps of each sequence, all of them longer, are there for the
/// state alone.
template <class T>
struct Stretch {
  Sequences<T> inputs, targets;
  std::size_t washout = 0;
};

/// The steps that have all their targets, behind the washout: their rows in storage order.
template <class T>
std::vector<std::size_t> rows_with_targets(const Stretch<T>& stretch);

/// These rows of the values, side by side: [rows, F].
template <class T>
Tensor<T> take_rows(const Sequences<T>& values, std::span<const std::size_t> rows);

/// What a network is given under teacher forcing. Without feedback, the inputs; with it, [T, B, F + O]:
/// behind the inputs of a step the targets of the step before times `feedback`, zeros at the first.
template <class T>
Sequences<T> teacher_forced(const Stretch<T>& stretch, std::optional<double> feedback);

/// Outputs [T, B, O] of a network whose own outputs come back, times `feedback`; behind the washout's, which
/// is under teacher forcing. The network must be causal().
template <class T>
Sequences<T> free_run(const Network<T>& network, const Stretch<T>& stretch, double feedback);

/// Normalised mean squared error over the steps that have all their targets, behind the washout: sum (y -
/// d)^2 / sum (d - mean d)^2, the mean that of each output. NaN where it would not be finite, no target ever
/// changes or there is none.
template <class T>
double normalised_error(const Sequences<T>& outputs, const Stretch<T>& stretch);

}  // namespace carousel
