// Variables of MATLAB's MAT files (versions 5 to 7.3), through libmatio; an optional part
// (CAROUSEL_WITH_MATLAB). Not for several threads at once; data/array_file.h is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"

namespace carousel {

/// The names of all variables, in the order of the file. Throws FileError, DataError for what is no MAT file,
/// SettingError where this program was built without libmatio.
std::vector<std::string> matlab_variables(const std::filesystem::path& path);

/// A variable: of a numeric one (or a logical one) the array, of a cell array those of its cells, in MATLAB's
/// order (the first index varies fastest). An empty cell is an array without numbers. Throws also
/// SettingError naming the nearest variables for an unknown one; DataError for texts, structures, sparse and
/// complex numbers, cells in cells, and more numbers than the file can stand for.
std::vector<Array> read_matlab(const std::filesystem::path& path, std::string_view variable);

}  // namespace carousel
