#include "data/feature_file.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "data/array_file.h"
#include "data/cells.h"
#include "data/csv.h"
#include "data/named_columns.h"
#include "data/pen_strokes.h"
#include "data/piano_roll.h"
#include "data/sound.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 2> kImageSteps = {"rows", "whole"};
constexpr std::array<std::string_view, 2> kSpectrumKinds = {"log_mel", "mfcc"};
constexpr std::array<std::string_view, 13> kExtensions = {"csv",  "tsv", "npy",  "mat", "h5",  "hdf5", "mid",
                                                          "midi", "wav", "flac", "ogg", "oga", "opus"};
constexpr std::size_t kSilent = 8;  // extensions in front that are not of sound

template <class Enum, std::size_t n>
Enum named(std::string_view option, const std::array<std::string_view, n>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw SettingError(fmt::format("{}: there is no '{}'; {}", option, shown(text), suggestion(text, known)));
}

/// All columns are features, rows are steps.
Features read_csv_features(const std::string& path, const FeatureOptions& options) {
  CsvReader reader(path);
  const std::vector<std::size_t> columns =
      columns_called(reader, options.columns.value_or(std::vector<std::string>()));
  Features features{0, columns.size(), {}};
  while (const auto row = reader.next()) {
    for (const std::size_t c : columns) features.values.push_back(static_cast<float>(reader.number(*row, c)));
    ++features.steps;
  }
  return features;
}

Features read_array_features(const std::string& path) {
  std::vector<Array> arrays =
      std::move(read_arrays(path, {main_array(path, array_names(path))}).front().arrays);
  if (arrays.size() != 1)
    throw DataError(fmt::format("{}: found {} cells, expected one array; a set of sequences is named as DATA",
                                path, arrays.size()));
  return array_features(std::move(arrays.front()), path);
}

/// All points are of one sample.
Features read_pen_features(const std::string& path) {
  CsvReader reader(path);
  const std::vector<PenSample> samples = read_pen_points(reader, {.id = "", .label = ""});
  return array_features(samples.empty() ? Array{Shape{0, 3}, {}} : pen_features(samples.front().points),
                        path);
}

}  // namespace

Features array_features(Array array, const std::string& place) {
  if (array.shape.rank() < 1 || array.shape.rank() > 2)
    throw DataError(fmt::format("{}: found an array of {} axes, expected [steps] or [steps, features]", place,
                                array.shape.rank()));
  const std::size_t width = array.shape.rank() == 2 ? array.shape[1] : 1;
  return {array.shape[0], width, std::move(array.values)};
}

std::string_view name(ImageSteps steps) noexcept { return kImageSteps[static_cast<std::size_t>(steps)]; }
std::string_view name(SpectrumKind kind) noexcept { return kSpectrumKinds[static_cast<std::size_t>(kind)]; }
ImageSteps parse_image_steps(std::string_view name) { return named<ImageSteps>("steps", kImageSteps, name); }
SpectrumKind parse_spectrum_kind(std::string_view name) {
  return named<SpectrumKind>("audio", kSpectrumKinds, name);
}

std::span<const std::string_view> feature_extensions() noexcept { return kExtensions; }

bool is_feature_file(std::string_view path) {
  return std::ranges::find(kExtensions, file_extension(path)) != kExtensions.end();
}

bool is_csv_file(std::string_view path) {
  const std::string kind = file_extension(path);
  return kind == "csv" || kind == "tsv";
}

std::vector<std::string> csv_columns(const std::string& path) {
  const CsvReader reader(path);
  return names_of(reader, columns_called(reader, {}));
}

bool is_sound_file(std::string_view path) {
  return std::find(kExtensions.begin() + kSilent, kExtensions.end(), file_extension(path)) !=
         kExtensions.end();
}

Features read_features(const std::string& path, const FeatureOptions& options) {
  const std::string kind = file_extension(path);
  if (is_csv_file(path)) return options.pen ? read_pen_features(path) : read_csv_features(path, options);
  if (is_array_file(path)) return read_array_features(path);
  if (kind == "mid" || kind == "midi")
    return array_features(piano_roll(read_midi(path), PianoKeys::piano, options.steps_per_beat, path), path);
  if (is_feature_file(path))
    return sound_features(*open_audio(path, {.rate = options.audio.rate, .channel = options.audio.channel}),
                          options.audio);
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
