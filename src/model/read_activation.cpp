#include "cells/activation_text.h"
#include "model/builders.h"

namespace carousel {

kernels::Activation read_activation(LayerReader& read, std::string_view option,
                                    const kernels::Activation& standard, bool by_place) {
  const std::vector<std::string> parts = by_place ? read.parts(option) : read.option_parts(option);
  if (parts.empty()) return standard;
  kernels::Activation activation;
  if (const std::string wrong = parse_activation(parts, activation); !wrong.empty())
    read.refuse(option, wrong);
  return activation;
}

}  // namespace carousel
