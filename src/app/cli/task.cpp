#include "app/cli/task.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/suggest.h"
#include "data/cells.h"
#include "model/model_file.h"
#include "tasks/settings_file.h"

namespace carousel::cli {

const std::vector<const Task*>& tasks() {
  static const std::vector<const Task*> list = {&forecast_task(), &generate_task(),   &classify_task(),
                                                &label_task(),    &transcribe_task(), &translate_task(),
                                                &detect_task(),   &control_task()};
  return list;
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Task* task : tasks()) names.emplace_back(task->name());
  return names;
}

static const Task& named_task(const std::string& name, const std::string& file) {
  const auto found = std::ranges::find(tasks(), name, &Task::name);
  if (found == tasks().end())
    throw DataError(
        fmt::format("{}: task: there is no '{}'; {}", file, shown(name), suggestion(name, task_names())));
  return **found;
}

const std::string& only_data(const PredictRequest& request) {
  if (request.data.size() > 1)
    throw SettingError(
        fmt::format("DATA: found {} files, expected one; name one at a time", request.data.size()));
  return request.data.front();
}

const Task& task_of_settings(const std::string& settings_file) {
  return named_task(read_task(settings_file), settings_file);
}

const Task& task_of_run(const RunFolder& folder) {
  folder.require();
  return task_of_settings(folder.settings());
}

const Task& task_of_model(const std::string& path) {
  const std::string file = model_file(path);
  const auto loaded = load_any_model<float>(file);
  const Metadata& metadata =
      std::visit([](const auto& model) -> const Metadata& { return model.metadata; }, loaded);
  const auto task = metadata.find("task");
  if (task == metadata.end())
    throw ModelError(fmt::format("{}: metadata has no 'task': it was trained for none of carousel's", file));
  return named_task(task->second, file);
}

}  // namespace carousel::cli
