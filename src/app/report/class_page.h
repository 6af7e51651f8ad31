// From what is known of a model that tells classes to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/class_evaluation.h"

namespace carousel::report {

struct ClassPage {
  std::string run_name;
  ClassEvaluation evaluation;           ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report class_page(const ClassPage& page);

}  // namespace carousel::report
