// The policies of the LSTM's kernels as numbers, so that a table can hold the loops of all that exist.
#pragma once

#include <array>
#include <utility>

#include "kernels/lstm_gates.h"

namespace carousel::kernels {

constexpr bool exists(const LstmStatePolicy& p) {
  if (p.forget_gate == ForgetGate::coupled && !p.input_gate) return false;
  const bool seen_by_a_gate = p.input_gate || p.forget_gate == ForgetGate::on;
  if (p.peephole && (p.activated || !seen_by_a_gate)) return false;
  return p.dimensions == 1 || (p.input_gate && p.forget_gate == ForgetGate::on && !p.activated);
}
constexpr bool exists(const LstmOutputPolicy& p) { return !p.peephole || (p.output_gate && !p.activated); }

inline constexpr std::size_t kStatePolicies = kMostDimensions * 2 * 2 * 3 * 2;
inline constexpr std::size_t kOutputPolicies = 2 * 2 * 2;

constexpr std::size_t number(const LstmStatePolicy& p) {
  const auto forget = static_cast<std::size_t>(p.forget_gate);
  return ((((p.dimensions - 1) * 2 + p.activated) * 2 + p.peephole) * 3 + forget) * 2 + p.input_gate;
}
constexpr LstmStatePolicy state_policy(std::size_t n) {
  return {n % 2 == 1, static_cast<ForgetGate>(n / 2 % 3), n / 6 % 2 == 1, n / 12 % 2 == 1, n / 24 + 1};
}
constexpr std::size_t number(const LstmOutputPolicy& p) {
  return (std::size_t{p.activated} * 2 + p.peephole) * 2 + p.output_gate;
}
constexpr LstmOutputPolicy output_policy(std::size_t n) {
  return {n % 2 == 1, n / 2 % 2 == 1, n / 4 % 2 == 1};
}

}  // namespace carousel::kernels
