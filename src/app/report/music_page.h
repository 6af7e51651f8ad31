// From what the generate task knows of a run on music to the page about it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"
#include "tasks/music_evaluation.h"

namespace carousel::report {

struct MusicPage {
  std::string run_name;
  GenerateSettings settings;
  MusicEvaluation evaluation;           ///< of the test part
  std::vector<ProgressRecord> history;  ///< one record an epoch
  std::map<std::string, std::string> model_metadata;
};

Report music_page(const MusicPage& page);

}  // namespace carousel::report
