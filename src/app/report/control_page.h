// From what the control task knows of a run to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/control_evaluation.h"

namespace carousel::report {

struct ControlPage {
  std::string run_name;
  ControlEvaluation evaluation;
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report control_page(const ControlPage& page);

}  // namespace carousel::report
