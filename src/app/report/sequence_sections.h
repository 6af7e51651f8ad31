// Sections that the pages of all jobs on examples, of texts, of translators and of music end with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/report.h"
#include "carousel/progress.h"

namespace carousel::report {

/// Loss and learning rate, epoch by epoch.
Section training_section(const std::vector<ProgressRecord>& history);
/// What the model file says of itself.
Section provenance_section(const std::map<std::string, std::string>& model_metadata);

}  // namespace carousel::report
