// From what the translate task knows of a run to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/translate_evaluation.h"

namespace carousel::report {

struct TranslatePage {
  std::string run_name;
  TranslateEvaluation evaluation;       ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report translate_page(const TranslatePage& page);

}  // namespace carousel::report
