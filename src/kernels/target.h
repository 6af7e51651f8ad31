// Which of the compiled instruction sets the kernels run on.
#pragma once

#include <string>
#include <vector>

namespace carousel::kernels {

/// The instruction set in use: "AVX3", "AVX2", "NEON" or "SCALAR". Every one gives the same bits.
std::string target_name();
/// All that were compiled in and that this CPU can run, best first; always ends with "SCALAR".
std::vector<std::string> available_targets();
/// Runs on the named one from now on (for tests and comparisons; not while kernels run). Products of matrices
/// packed before go on as they were packed. Throws SettingError for a name that is not available.
void use_target(const std::string& name);
/// Back to the best.
void use_best_target();

}  // namespace carousel::kernels
