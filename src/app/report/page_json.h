// The charts of a page as the JSON text that page.js reads.
#pragma once

#include <string>
#include <vector>

#include "app/report/report.h"

namespace carousel::report {

/// Every chart of the report in order, thinned, as text that is inert inside an HTML <script> element.
std::string charts_json(const std::vector<const Chart*>& charts);

}  // namespace carousel::report
