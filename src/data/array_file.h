// Arrays in files of any kind that holds arrays and nothing else, by the extension: NPY (one), MATLAB and
// HDF5 (several, by name).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"

namespace carousel {

/// The end of a name behind its last dot, in small letters; "" where there is none.
std::string file_extension(std::string_view path);

/// Does the name end in .npy, .mat, .h5 or .hdf5?
bool is_array_file(std::string_view path);

/// A name and its arrays: one, or those of the cells of a MATLAB variable.
struct NamedArrays {
  std::string name;  ///< of HDF5 with its groups, as in train/x; of NPY ""
  std::vector<Array> arrays;
};

/// The names of a file, in its order; of NPY one, "". For all functions here: from any number of threads.
/// Throw FileError; DataError for a broken file, SettingError where this program cannot read its kind.
std::vector<std::string> array_names(const std::string& path);
/// These, in this order.
std::vector<NamedArrays> read_arrays(const std::string& path, const std::vector<std::string>& names);
/// What stands for the data where nothing is said: x, else the only one. Throws DataError naming what there
/// is.
std::string main_array(const std::string& path, const std::vector<std::string>& names);

}  // namespace carousel
