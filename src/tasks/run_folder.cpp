#include "tasks/run_folder.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <filesystem>

namespace carousel {

bool RunFolder::exists() const {
  std::error_code none;
  return std::filesystem::exists(settings(), none);
}

void RunFolder::require() const {
  if (!exists())
    throw FileError(fmt::format(
        "{}: found no run.toml in it, expected the folder of a run; name the one that training wrote to",
        path));
}

std::string model_file(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_directory(path, none)) return path;
  const RunFolder folder{path};
  if (std::filesystem::exists(folder.model(), none)) return folder.model();
  folder.require();
  throw FileError(
      fmt::format("{}: found no model in it, the run was stopped before it had one; resume it", path));
}

}  // namespace carousel
