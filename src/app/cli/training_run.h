// What train and resume have in common: the view of the run, Ctrl-C, and what is told at the end.
#pragma once

#include <functional>
#include <string>

#include "app/cli/command.h"
#include "tasks/forecast.h"

namespace carousel::cli {

using TrainCall = std::function<TrainingResult(ThreadPool&, ForecastSink&)>;

/// Trains into the folder, then evaluates, writes the report and prints the results. Returns the exit status:
/// after Ctrl-C 130 (128 + the signal), with a word on how to resume. Throws also TrainingError, after all
/// that, where the model turns out to forecast no finite numbers.
int run_training(const RunFolder& folder, const Common& common, const TrainCall& train);

}  // namespace carousel::cli
