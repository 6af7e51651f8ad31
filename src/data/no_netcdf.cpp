// What stands for netcdf.cpp where the library is left out.
#include <carousel/error.h>

#include "data/netcdf.h"

namespace carousel {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw SettingError(
      path.string() +
      ": this program was built without NetCDF; build it with CAROUSEL_WITH_NETCDF=ON, or convert "
      "the file to NPY");
}

}  // namespace

std::vector<std::string> netcdf_variables(const std::filesystem::path& path) { refuse(path); }
Array read_netcdf(const std::filesystem::path& path, std::string_view) { refuse(path); }
NetcdfSequences read_netcdf_sequences(const std::filesystem::path& path) { refuse(path); }

}  // namespace carousel
