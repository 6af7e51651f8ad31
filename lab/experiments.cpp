#include "lab/experiments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "lab/experiment_lists.h"

namespace carousel::lab {

std::span<const Experiment> experiments() {
  static const std::vector<Experiment> all = [] {
    const auto rules = experiments_of_rules(), tasks = experiments_of_tasks();
    std::vector<Experiment> list(rules.begin(), rules.end());
    list.insert(list.end(), tasks.begin(), tasks.end());
    std::ranges::sort(list, {}, &Experiment::name);
    return list;
  }();
  return all;
}

const Experiment& experiment(std::string_view name) {
  const auto all = experiments();
  const auto found = std::ranges::find(all, name, &Experiment::name);
  if (found != all.end()) return *found;
  std::vector<std::string> names;
  for (const Experiment& one : all) names.emplace_back(one.name);
  throw SettingError(fmt::format("NAME: there is no experiment '{}'; {}", name, suggestion(name, names)));
}

}  // namespace carousel::lab
