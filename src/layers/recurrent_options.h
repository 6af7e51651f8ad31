// What a recurrent layer may be asked for beside its cell.
#pragma once

#include <string>

namespace carousel {

struct RecurrentOptions {
  /// Rate of one mask a sequence on h_{t-1} where it enters products, the same at every step: Gal &
  /// Ghahramani, NIPS 2016.
  double variational_dropout = 0;
  /// Rates at which a unit's h or c stays what it was for a step; outside training the mean of both: Krueger
  /// et al., ICLR 2017.
  double zoneout_hidden = 0, zoneout_cell = 0;
  /// Rate at which elements of R are left out, the same for a whole update: Wan et al., ICML 2013; Merity,
  /// Keskar, Socher, ICLR 2018.
  double drop_connect = 0;
  /// Standard deviation of normal noise on all weights of the layer, drawn for each update: Graves, NIPS
  /// 2011.
  double weight_noise = 0;
  bool learned_start = false;  ///< the state before the first step is a parameter

  bool zones() const noexcept { return zoneout_hidden > 0 || zoneout_cell > 0; }
  bool operator==(const RecurrentOptions&) const = default;
};

/// Those that are not standard, as the spec writes them.
std::string to_text(const RecurrentOptions& options);

}  // namespace carousel
