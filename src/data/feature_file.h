// The steps of one sequence from a file, by its extension: CSV (a row a step, or a row a point of a pen), an
// array [T] or [T, F] (NPY; in MATLAB and HDF5 the one called x, or the only one), MIDI (a piano roll), and
// sound, whose spectrum is taken.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"
#include "data/spectrum.h"

namespace carousel {

/// values [steps, width], row-major.
struct Features {
  std::size_t steps = 0, width = 0;
  std::vector<float> values;

  std::span<const float> step(std::size_t t) const { return std::span(values).subspan(t * width, width); }
};

/// What a step of an image is: a row of it, or all of it.
enum class ImageSteps { rows, whole };

std::string_view name(ImageSteps steps) noexcept;
std::string_view name(SpectrumKind kind) noexcept;
/// The inverses; throw SettingError with the nearest name.
ImageSteps parse_image_steps(std::string_view name);
SpectrumKind parse_spectrum_kind(std::string_view name);

struct FeatureOptions {
  ImageSteps image = ImageSteps::rows;
  SpectrumOptions audio = {};  ///< of sound: what its steps are, and its rate
  bool pen = false;            ///< CSV holds points of a pen (data/pen_strokes.h)
  double steps_per_beat = 4;   ///< of MIDI
  /// Of CSV with a header: the names of its features, in their order; none: as they stand. Not set: as they
  /// stand in the first file.
  std::optional<std::vector<std::string>> columns = {};
};

/// An array [steps] or [steps, features]; throws DataError naming `place` for another.
Features array_features(Array array, const std::string& place);

/// Extensions of files that read_features reads, without a dot.
std::span<const std::string_view> feature_extensions() noexcept;
/// Does the name of a file end in one of them?
bool is_feature_file(std::string_view path);

/// Does it hold rows of steps, by its name?
bool is_csv_file(std::string_view path);
/// What its header calls its columns; nothing without one. Throws as CsvReader.
std::vector<std::string> csv_columns(const std::string& path);

/// Is it sound, by its name?
bool is_sound_file(std::string_view path);

/// Throws FileError, DataError naming the file; also for an extension that it does not read.
Features read_features(const std::string& path, const FeatureOptions& options);

/// Side by side in time. Throws DataError naming `name` for other widths.
void append_steps(Features& to, const Features& more, const std::string& name);

}  // namespace carousel
