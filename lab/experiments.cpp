#include "lab/experiments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/suggest.h"
#include "lab/double_pole.h"

namespace carousel::lab {

namespace {

constexpr std::array kExperiments = {
    Experiment{
        .name = "double_pole_evolution_strategy",
        .what =
            "balances two poles on a cart without seeing velocities: a recurrent network of 4 units, by an "
            "evolution strategy with mirrored noise",
        .source = "Wieland 1991; Gomez & Miikkulainen 1997; Salimans et al. 2017",
        .figure = "steps balanced",
        .published = "solved",
        .gate = "7 of 10 seeds balance 1,000 steps",
        .seeds = 10,
        .needed = 7,
        .run = run_double_pole_evolution_strategy},
};

}  // namespace

std::span<const Experiment> experiments() { return kExperiments; }

const Experiment& experiment(std::string_view name) {
  const auto found = std::ranges::find(kExperiments, name, &Experiment::name);
  if (found != kExperiments.end()) return *found;
  std::vector<std::string> names;
  for (const Experiment& one : kExperiments) names.emplace_back(one.name);
  throw SettingError(fmt::format("NAME: there is no experiment '{}'; {}", name, suggestion(name, names)));
}

}  // namespace carousel::lab
