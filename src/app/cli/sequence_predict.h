// What carousel predict writes for classify, label and transcribe.
#pragma once

#include "app/cli/task.h"
#include "tasks/sequence_settings.h"

namespace carousel::cli {

void predict_classes(SequenceJob job, const PredictRequest& request, const WriteText& write,
                     ThreadPool& pool);
void predict_transcripts(const PredictRequest& request, const WriteText& write, ThreadPool& pool);

}  // namespace carousel::cli
