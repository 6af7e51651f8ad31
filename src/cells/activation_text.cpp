#include "cells/activation_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace carousel {

namespace {

constexpr double kMostParameter = 1e30;
constexpr double kLeastDivisor = 1e-6;  // slopes divide by it, in float too

}  // namespace

std::string parse_activation(std::span<const std::string> parts, kernels::Activation& activation) {
  using enum kernels::ActivationKind;
  const std::vector<std::string>& names = kernels::activation_names();
  const auto found = std::ranges::find(names, parts[0]);
  if (found == names.end())
    return fmt::format("expected one of {}, got {}", fmt::join(names, ", "), parts[0]);
  activation = kernels::standard_activation(static_cast<kernels::ActivationKind>(found - names.begin()));
  const std::size_t most = kernels::activation_parameters(activation.kind);
  if (parts.size() - 1 > most)
    return fmt::format("{} has {} parameters, got {}", parts[0], most, parts.size() - 1);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    double& value = i == 1 ? activation.alpha : activation.beta;
    const char *begin = parts[i].data(), *end = begin + parts[i].size();
    const auto result = std::from_chars(begin, end, value);
    if (result.ec != std::errc() || result.ptr != end || !(std::abs(value) <= kMostParameter))
      return fmt::format("expected a number behind the colon, got \"{}\"", parts[i]);
  }
  const bool divides = activation.kind == scaled_tanh || activation.kind == scaled_sigmoid;
  const bool bends =
      activation.kind == leaky_relu || activation.kind == thresholded_relu || activation.kind == elu;
  if (divides && std::abs(activation.alpha) < kLeastDivisor)
    return fmt::format("alpha must not be 0, nor within {} of it", kLeastDivisor);
  if (bends && activation.alpha < 0) return "alpha must not be negative";
  return "";
}

}  // namespace carousel
