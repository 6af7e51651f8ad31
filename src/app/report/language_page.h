// From what the generate task knows of a run to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/language_evaluation.h"

namespace carousel::report {

struct LanguagePage {
  std::string run_name;
  GenerateSettings settings;
  LanguageEvaluation evaluation;        ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report language_page(const LanguagePage& page);

}  // namespace carousel::report
