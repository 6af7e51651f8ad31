// carousel predict of a translator: a line for each line.
#pragma once

#include "app/cli/task.h"

namespace carousel::cli {

/// Files one after the other; of standard input each line is answered before the next is waited for. An empty
/// line is answered with an empty one. Throws as TextLines, load_translator and translate.
void predict_translations(const PredictRequest& request, const WriteText& write, ThreadPool& pool);

}  // namespace carousel::cli
