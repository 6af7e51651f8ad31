// What train and resume have in common: the view of the run, Ctrl-C, and what is told at the end.
#pragma once

#include <functional>

#include "app/cli/task.h"

namespace carousel::cli {

using TrainCall = std::function<TrainingResult(ThreadPool&, RunSink&)>;

/// Trains into the folder, then evaluates, writes the report and prints the results. Returns the exit status:
/// after Ctrl-C 130 (128 + the signal), with a word on how to resume. Throws also TrainingError, after all
/// that, where the model turns out to be of no use.
int run_training(const Task& task, const RunFolder& folder, const Common& common, const TrainCall& train);

}  // namespace carousel::cli
