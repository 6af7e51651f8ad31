// Datasets of HDF5 files, through the HDF Group's library; an optional part (CAROUSEL_WITH_HDF5). Not for
// several threads at once; data/array_file.h is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"

namespace carousel {

/// The paths of all datasets in the file, such as "train/x", sorted. Throws FileError, DataError for what is
/// no HDF5 file, SettingError where this program was built without HDF5.
std::vector<std::string> hdf5_datasets(const std::filesystem::path& path);

/// One of them, of integers, booleans (enumerations) or floating numbers of up to 64 bits. Throws also
/// SettingError naming the nearest datasets for an unknown one; DataError for other types, numbers that lie
/// in other files, and more numbers than those stored can stand for.
Array read_hdf5(const std::filesystem::path& path, std::string_view dataset);
/// Several of them, in this order; the file is opened once.
std::vector<Array> read_hdf5(const std::filesystem::path& path, const std::vector<std::string>& datasets);

}  // namespace carousel
