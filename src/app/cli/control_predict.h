// carousel predict with a policy: what is to be done, for what is seen.
#pragma once

#include "app/cli/task.h"

namespace carousel::cli {

/// Each line of DATA is what is seen in a step, numbers with commas or blanks between; an empty line begins a
/// new episode. A line each comes back, as soon as it is known: the number of the choice, or the numbers of
/// the act.
void predict_acts(const PredictRequest& request, const WriteText& write);

}  // namespace carousel::cli
