// What stands for matlab.cpp where the library is left out.
#include <carousel/error.h>

#include "data/matlab.h"

namespace carousel {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw SettingError(path.string() +
                     ": this program was built without libmatio; build it with CAROUSEL_WITH_MATLAB=ON, or "
                     "convert the file to NPY");
}

}  // namespace

std::vector<std::string> matlab_variables(const std::filesystem::path& path) { refuse(path); }
std::vector<Array> read_matlab(const std::filesystem::path& path, std::string_view) { refuse(path); }

}  // namespace carousel
