// What training may do to a layer's weights for the length of an update; model/perturbation.cpp does it.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>

#include "tensor/parameters.h"

namespace carousel {

struct WeightNoise {
  /// Rate at which elements of R are left out, the same for a whole update: Wan et al., ICML 2013; Merity,
  /// Keskar, Socher, ICLR 2018.
  double drop_connect = 0;
  /// Standard deviation of normal noise on all weights of the layer, drawn for each update: Graves, NIPS
  /// 2011.
  double weight_noise = 0;

  /// For a layer's description: "" or ", drop_connect=0.2, weight_noise=0.1".
  std::string text() const {
    const auto said = [](const char* name, double value) {
      return value > 0 ? fmt::format(", {}={}", name, value) : "";
    };
    return said("drop_connect", drop_connect) + said("weight_noise", weight_noise);
  }
  /// For a layer whose parameters are those from number `first` on; recurrent: the offsets of its R.
  void declare(ParameterTable& table, std::size_t first, std::span<const std::size_t> recurrent = {}) const {
    if (weight_noise > 0) table.add_noise(first, weight_noise);
    if (drop_connect > 0)
      for (const std::size_t offset : recurrent) table.drop(offset, drop_connect);
  }
};

}  // namespace carousel
