#include "layers/recurrent_options.h"

#include <fmt/format.h>

namespace carousel {

std::string to_text(const RecurrentOptions& options) {
  const auto said = [](const char* name, double rate) {
    return rate > 0 ? fmt::format(", {}={}", name, rate) : "";
  };
  return said("variational_dropout", options.variational_dropout) +
         said("zoneout_hidden", options.zoneout_hidden) + said("zoneout_cell", options.zoneout_cell) +
         options.weights.text();
}

}  // namespace carousel
