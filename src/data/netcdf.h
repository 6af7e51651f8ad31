// Variables of NetCDF files of the classic formats (versions 1, 2 and 5). Among them the layout that RNNLIB
// (Graves) and CURRENNT (Weninger, Bergmann & Schuller 2015) read; docs/formats.md describes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/array.h"

namespace carousel {

/// The names of the variables, in the order of the file. Throws FileError; DataError naming the byte, what
/// was found and what was expected.
std::vector<std::string> netcdf_variables(const std::filesystem::path& path);

/// One of them, of integers or floating numbers. Throws also SettingError naming the nearest variables for an
/// unknown one; DataError for characters, and numbers that are not all in the file.
Array read_netcdf(const std::filesystem::path& path, std::string_view variable);

/// Sequences one behind the other, as they stand in the file.
struct NetcdfSequences {
  struct Sequence {
    /// The name that the file gives it, or nothing.
    std::string tag;
    /// Its rows of `inputs`, `classes` and `patterns`.
    std::size_t begin = 0, steps = 0;
    /// The text that it stands for, or its class, as names parted by blanks; or nothing.
    std::string target;
  };

  std::vector<Sequence> sequences;
  /// [time steps of all, features]; what is no finite number in the file is none here.
  Array inputs;
  /// A class for each time step, or, where there are as many as sequences and not as time steps, for each
  /// sequence; below class_count. Or nothing.
  std::vector<std::uint32_t> classes;
  std::size_t class_count = 0;
  /// [time steps of all, outputs] of a regression; or [0, 0].
  Array patterns{Shape{0, 0}, {}};
  /// The names of the classes, or of the symbols of targets; or nothing.
  std::vector<std::string> labels;
};

/// The variables `seqLengths` and `inputs`, and those that are there of `seqTags`, `targetClasses`,
/// `targetPatterns`, `targetStrings` and `labels`. Throws as above; DataError, too, for lengths that do not
/// add up to the time steps, classes outside numLabels, and patterns that are not finite.
NetcdfSequences parse_netcdf_sequences(std::string_view bytes, const std::string& source);
NetcdfSequences read_netcdf_sequences(const std::filesystem::path& path);

}  // namespace carousel
