// From what the detect task knows of a run to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/detect_evaluation.h"

namespace carousel::report {

struct DetectPage {
  std::string run_name;
  DetectSettings settings;
  DetectEvaluation evaluation;          ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

/// Pictures are of the first target. The verdict, where there are labels, is good only where the model's F1
/// is above the baseline's.
Report detect_page(const DetectPage& page);

}  // namespace carousel::report
