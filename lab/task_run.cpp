#include "lab/task_run.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

namespace carousel::lab {

RunPlace::RunPlace() {
  path_ = (std::filesystem::temp_directory_path() / "carousel_lab_XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr)
    throw FileError(fmt::format("{}: cannot make a folder for the run", path_));
}

RunPlace::~RunPlace() {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
}

std::string data_file(const Context& context, const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code none;
  const fs::path folder(context.data);
  if (fs::exists(folder / name, none)) return (folder / name).string();
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none))
    if (fs::exists(entry.path() / name, none)) found.push_back((entry.path() / name).string());
  if (found.empty())
    throw DataError(fmt::format("{}: there is no {} in it or in a folder in it", context.data, name));
  return *std::ranges::min_element(found);
}

Context part_of(const Context& whole, double begin, double end) {
  return {.go_on = [&whole, begin,
                    end](double fraction) { return whole.go_on(begin + (end - begin) * fraction); },
          .data = whole.data,
          .pool = whole.pool};
}

Outcome judged(const TrainingResult& result, double figure, double gate, bool less_is_better) {
  const bool met =
      result.stopped != StopReason::interrupted && (less_is_better ? figure <= gate : figure >= gate);
  return {
      .met = met, .sequences = result.history.empty() ? 0 : result.history.back().update, .figure = figure};
}

}  // namespace carousel::lab
