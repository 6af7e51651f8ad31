#include "data/feature_file.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "data/audio.h"
#include "data/cells.h"
#include "data/csv.h"
#include "data/npy.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kImageSteps = {"rows", "whole"};
constexpr std::array<std::string_view, 2> kSpectrumKinds = {"log_mel", "mfcc"};
constexpr std::array<std::string_view, 10> kExtensions = {"csv", "tsv", "npy",  "wav", "flac",
                                                          "ogg", "oga", "opus", "aif", "aiff"};
constexpr std::size_t kBlock = 1 << 16;  // samples read at a time

std::string extension(std::string_view path) {
  const std::size_t slash = path.find_last_of('/'), dot = path.find_last_of('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return "";
  std::string text(path.substr(dot + 1));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

template <class Enum, std::size_t n>
Enum named(std::string_view option, const std::array<std::string_view, n>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw SettingError(fmt::format("{}: there is no '{}'; {}", option, shown(text), suggestion(text, known)));
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

Features read_npy_features(const std::string& path) {
  Array array = read_npy(path);
  if (array.shape.rank() < 1 || array.shape.rank() > 2)
    throw DataError(fmt::format("{}: found an array of {} axes, expected [steps] or [steps, features]", path,
                                array.shape.rank()));
  const std::size_t width = array.shape.rank() == 2 ? array.shape[1] : 1;
  return {array.shape[0], width, std::move(array.values)};
}

/// A block at a time: sound takes much more room than what is made of it.
Features read_audio_features(const std::string& path, const SpectrumOptions& options) {
  const auto reader = open_audio(path, {.rate = options.rate});
  SpectrumStream stream(options);
  Features features{0, spectrum_features(options), {}};
  std::vector<float> block(kBlock);
  while (const std::size_t count = reader->read(block))
    stream.push(std::span<const float>(block).first(count), features.values);
  stream.finish(features.values);
  features.steps = features.values.size() / features.width;
  return features;
}

}  // namespace

std::string_view name(ImageSteps steps) noexcept { return kImageSteps[static_cast<std::size_t>(steps)]; }
std::string_view name(SpectrumKind kind) noexcept { return kSpectrumKinds[static_cast<std::size_t>(kind)]; }
ImageSteps parse_image_steps(std::string_view name) { return named<ImageSteps>("steps", kImageSteps, name); }
SpectrumKind parse_spectrum_kind(std::string_view name) {
  return named<SpectrumKind>("audio", kSpectrumKinds, name);
}

std::span<const std::string_view> feature_extensions() noexcept { return kExtensions; }

bool is_feature_file(std::string_view path) {
  return std::ranges::find(kExtensions, extension(path)) != kExtensions.end();
}

bool is_sound_file(std::string_view path) {
  return std::find(kExtensions.begin() + 3, kExtensions.end(), extension(path)) != kExtensions.end();
}

Features read_features(const std::string& path, const FeatureOptions& options) {
  const std::string kind = extension(path);
  if (kind == "csv" || kind == "tsv") return read_csv_features(path);
  if (kind == "npy") return read_npy_features(path);
  if (is_feature_file(path)) return read_audio_features(path, options.audio);
  throw DataError(fmt::format("{}: no file of features is called .{}; expected one of {}", shown(path, 80),
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
