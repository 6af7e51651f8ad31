// Series of the world: the M4 competition (Makridakis, Spiliotis & Assimakopoulos 2020), hourly; the oil
// temperature of a transformer (Zhou et al., AAAI 2021); taxi passengers of New York (Lavin & Ahmad 2015).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// 414 series, 48 hours ahead. figure: sMAPE in percent. Met: at most 12.0 (seasonal naive: 13.912).
Outcome run_forecast_m4_hourly(const Context& context, std::uint64_t seed);
/// ETTh1, 24 hours ahead, in deviations of the training part. figure: mean square error. Met: at most 0.032
/// and less than that of persistence.
Outcome run_forecast_ett(const Context& context, std::uint64_t seed);
/// 5 half hours ahead. figure: absolute errors over the sum of values. Met: at most 0.10.
Outcome run_taxi(const Context& context, std::uint64_t seed);

}  // namespace carousel::lab
