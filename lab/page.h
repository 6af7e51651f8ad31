// The lab's page: what was published, and what came of it here.
#pragma once

#include <string>
#include <vector>

#include "lab/results.h"

namespace carousel::lab {

/// Markdown: a table of all experiments, those without a result as not run, and a section for each result.
/// pictures: what stands before the name of a picture's file, such as "images/lab/".
std::string lab_page(const std::vector<Result>& results, const std::string& pictures);
/// An SVG: a dot for each seed along the scale that runs are compared by, filled where it met the criterion,
/// and a line at their median.
std::string lab_picture(const Experiment& experiment, const Result& result);

}  // namespace carousel::lab
