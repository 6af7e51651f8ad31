// What stands for hdf5.cpp where the library is left out.
#include <carousel/error.h>

#include "data/hdf5.h"

namespace carousel {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw SettingError(path.string() +
                     ": this program was built without HDF5; build it with CAROUSEL_WITH_HDF5=ON, or convert "
                     "the file to NPY");
}

}  // namespace

std::vector<std::string> hdf5_datasets(const std::filesystem::path& path) { refuse(path); }
Array read_hdf5(const std::filesystem::path& path, std::string_view) { refuse(path); }
std::vector<Array> read_hdf5(const std::filesystem::path& path, const std::vector<std::string>&) {
  refuse(path);
}

}  // namespace carousel
