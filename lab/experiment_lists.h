// What experiments() is made of.
#pragma once

#include <span>

#include "lab/experiments.h"

namespace carousel::lab {

std::span<const Experiment> experiments_of_rules();
std::span<const Experiment> experiments_of_tasks();

}  // namespace carousel::lab
