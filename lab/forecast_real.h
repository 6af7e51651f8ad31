// Series of the world: the M4 competition (Makridakis, Spiliotis & Assimakopoulos 2020), hourly; the oil
// temperature of a transformer (Zhou et al., AAAI 2021); taxi passengers of New York (Lavin & Ahmad 2015).
#pragma once

#include <cstdint>

#include "lab/experiment.h"

namespace carousel::lab {

/// 414 series, 48 hours ahead. figure: sMAPE in percent. Met: at most 12.0 (seasonal naive: 13.912).
extern const Experiment kForecastM4Hourly;
/// ETTh1, 24 hours ahead, in deviations of the training part. figure: mean square error. Met: at most 0.032
/// and less than that of persistence.
extern const Experiment kForecastEtt;
/// 5 half hours ahead. figure: absolute errors over the sum of values. Met: at most 0.10.
extern const Experiment kTaxi;
/// Windows of the same series that are unlike the rest. figure: of five labelled ones, how many are found.
/// Met: at least four, with at most five that are none.
extern const Experiment kTaxiWindows;

}  // namespace carousel::lab
