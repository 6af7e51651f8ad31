#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/builders.h"

namespace carousel {

namespace {
constexpr double kLargest = 1e30;
}

kernels::Activation read_activation(LayerReader& read, std::string_view option,
                                    const kernels::Activation& standard, bool by_place) {
  const std::vector<std::string>& names = kernels::activation_names();
  const std::vector<std::string> parts = by_place ? read.parts(option) : read.option_parts(option);
  if (parts.empty()) return standard;
  const auto found = std::ranges::find(names, parts[0]);
  if (found == names.end())
    read.refuse(option, fmt::format("expected one of {}, got {}", fmt::join(names, ", "), parts[0]));
  kernels::Activation activation =
      kernels::standard_activation(static_cast<kernels::ActivationKind>(found - names.begin()));
  const std::size_t most = kernels::activation_parameters(activation.kind);
  if (parts.size() - 1 > most)
    read.refuse(option, fmt::format("{} has {} parameters, got {}", parts[0], most, parts.size() - 1));
  double* const parameters[] = {&activation.alpha, &activation.beta};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const char *begin = parts[i].data(), *end = begin + parts[i].size();
    const auto result = std::from_chars(begin, end, *parameters[i - 1]);
    if (result.ec != std::errc() || result.ptr != end || !(std::abs(*parameters[i - 1]) <= kLargest))
      read.refuse(option, fmt::format("expected a number behind the colon, got \"{}\"", parts[i]));
  }
  const bool divides = activation.kind == kernels::ActivationKind::scaled_tanh ||
                       activation.kind == kernels::ActivationKind::scaled_sigmoid;
  const bool bends = activation.kind == kernels::ActivationKind::leaky_relu ||
                     activation.kind == kernels::ActivationKind::thresholded_relu ||
                     activation.kind == kernels::ActivationKind::elu;
  if (divides && activation.alpha == 0) read.refuse(option, "alpha must not be 0");
  if (bends && activation.alpha < 0) read.refuse(option, "alpha must not be negative");
  return activation;
}

}  // namespace carousel
