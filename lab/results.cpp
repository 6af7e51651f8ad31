#include "lab/results.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"

namespace carousel::lab {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 24;

std::string path_of(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / (name + ".json")).string();
}

}  // namespace

std::size_t Result::met() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(seeds, [](const SeedResult& seed) { return seed.outcome.met; }));
}

double measure_of(const Experiment& experiment, const SeedResult& seed) noexcept {
  return experiment.by_sequences ? static_cast<double>(seed.outcome.sequences) : seed.outcome.figure;
}

Summary summary_of(const Experiment& experiment, const Result& result) {
  const auto counts = [&](const SeedResult& seed) {  // one cut short has no figure yet
    return experiment.by_sequences ? seed.outcome.met : seed.complete;
  };
  const bool any = std::ranges::any_of(result.seeds, counts);
  std::vector<double> measures;
  for (const SeedResult& seed : result.seeds)
    if (counts(seed) || !any) measures.push_back(measure_of(experiment, seed));
  if (measures.empty()) return {};
  const auto better = [&](double a, double b) {  // no number is the worst
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
    return experiment.less_is_better ? a < b : a > b;
  };
  std::ranges::sort(measures, better);
  return {measures[measures.size() / 2], measures.front()};
}

bool gate_held(const Experiment& experiment, const Result& result) noexcept {
  return !result.seeds.empty() && result.met() * experiment.seeds >= experiment.needed * result.seeds.size();
}

void save_result(const Result& result, const std::string& folder) {
  Json seeds = Json::array();
  for (const SeedResult& seed : result.seeds)
    seeds.push_back({{"seed", seed.seed},
                     {"met", seed.outcome.met},
                     {"sequences", seed.outcome.sequences},
                     {"figure", seed.outcome.figure},
                     {"seconds", seed.seconds},
                     {"complete", seed.complete}});
  const Json json = {{"experiment", result.experiment},
                     {"version", result.version},
                     {"date", result.date},
                     {"machine", result.machine},
                     {"seeds", std::move(seeds)}};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError(fmt::format("{}: cannot make the folder: {}", folder, error.message()));
  write_file(path_of(folder, result.experiment), json.dump(2) + '\n');
}

std::optional<Result> load_result(const std::string& folder, const std::string& name) {
  const std::string path = path_of(folder, name);
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string text = read_file(path, kMaxBytes);
  try {
    const Json json = Json::parse(text);
    Result result{json.at("experiment"), json.at("version"), json.at("date"), json.at("machine"), {}};
    for (const Json& one : json.at("seeds")) {
      SeedResult& seed = result.seeds.emplace_back();
      seed.seed = one.at("seed");
      seed.outcome.met = one.at("met");
      seed.outcome.sequences = one.at("sequences");
      const Json& figure = one.at("figure");  // what was not measured is null
      seed.outcome.figure =
          figure.is_null() ? std::numeric_limits<double>::quiet_NaN() : figure.get<double>();
      seed.seconds = one.at("seconds");
      seed.complete = one.at("complete");
    }
    return result;
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{}: expected a result of the lab: {}", path, error.what()));
  }
}

}  // namespace carousel::lab
