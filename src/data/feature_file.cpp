#include "data/feature_file.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "data/cells.h"
#include "data/csv.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kImageSteps = {"rows", "whole"};
constexpr std::array<std::string_view, 2> kExtensions = {"csv", "tsv"};

std::string extension(std::string_view path) {
  const std::size_t slash = path.find_last_of('/'), dot = path.find_last_of('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return "";
  std::string text(path.substr(dot + 1));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// All columns are features, rows are steps.
Features read_csv_features(const std::string& path) {
  CsvReader reader(path);
  Features features{0, reader.columns().size(), {}};
  while (const auto row = reader.next()) {
    for (std::size_t c = 0; c < features.width; ++c)
      features.values.push_back(static_cast<float>(reader.number(*row, c)));
    ++features.steps;
  }
  return features;
}

}  // namespace

std::string_view name(ImageSteps steps) noexcept { return kImageSteps[static_cast<std::size_t>(steps)]; }

ImageSteps parse_image_steps(std::string_view name) {
  const auto found = std::ranges::find(kImageSteps, name);
  if (found != kImageSteps.end()) return static_cast<ImageSteps>(found - kImageSteps.begin());
  const std::vector<std::string> known(kImageSteps.begin(), kImageSteps.end());
  throw SettingError(fmt::format("steps: there is no '{}'; {}", shown(name), suggestion(name, known)));
}

std::span<const std::string_view> feature_extensions() noexcept { return kExtensions; }

bool is_feature_file(std::string_view path) {
  return std::ranges::find(kExtensions, extension(path)) != kExtensions.end();
}

Features read_features(const std::string& path, const FeatureOptions&) {
  const std::string kind = extension(path);
  if (kind == "csv" || kind == "tsv") return read_csv_features(path);
  throw SettingError(fmt::format("{}: no file of features is called .{}; expected one of {}", shown(path, 80),
                                 shown(kind), fmt::join(kExtensions, ", ")));
}

void append_steps(Features& to, const Features& more, const std::string& name) {
  if (to.steps == 0 && to.values.empty()) to.width = more.width;
  if (to.width != more.width)
    throw DataError(fmt::format("{}: found steps of {} and of {} values, expected as many in every file",
                                name, to.width, more.width));
  to.steps += more.steps;
  to.values.insert(to.values.end(), more.values.begin(), more.values.end());
}

}  // namespace carousel
