// From what is known of a model that transcribes to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/transcribe_evaluation.h"

namespace carousel::report {

struct TranscribePage {
  std::string run_name;
  TranscribeEvaluation evaluation;      ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report transcribe_page(const TranscribePage& page);

}  // namespace carousel::report
