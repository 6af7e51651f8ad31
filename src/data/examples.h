// Sequences to learn from, one after the other: each has a name, what it is to be told as, and steps of
// numbers or symbols that are read when they are needed.
//
// Kinds of data, told apart by name and columns where nobody says:
//   manifest  CSV with a column `path` (or `file`): each row names the file of an example, or several joined
//             by " + ", and what it is; a column `split` (or `part`) may say train, validation or test
//   folders   a folder with one folder a class, the files of its examples inside
//   series    CSV in long form: rows are steps, a column says which example they are of
//   rows      CSV with an example in each row, its steps one behind the other
//   tokens    a symbol and its label a line (data/token_columns.h)
//   json      JSON lines: steps "x" and class, labels or text "y" (data/json_lines.h)
//   pen       CSV of what a pen wrote: a row a point, or a row an example (data/pen_strokes.h)
//   idx       images and the classes of another file beside them; rows are steps
//   arrays    NPY, MATLAB or HDF5: x the steps of all, y what they are (docs/formats.md)
//   netcdf    what RNNLIB and CURRENNT read (data/netcdf.h)
//   file      one file of features: an example that nobody has labelled
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/feature_file.h"

namespace carousel {

enum class ExampleFormat {
  automatic,
  manifest,
  folders,
  series,
  rows,
  tokens,
  json,
  pen,
  idx,
  arrays,
  netcdf,
  file
};
/// Which part an example is said to be of.
enum class ExamplePart : std::uint8_t { any, train, validation, test };

std::string_view name(ExampleFormat format) noexcept;
/// The inverse; throws SettingError with the nearest name.
ExampleFormat parse_example_format(std::string_view name);

struct Example {
  std::string name;  ///< for messages: a path, or the file and where in it
  ExamplePart part = ExamplePart::any;
  /// Numbers of words(): one, its class or text; or one for each step; none where it is not known.
  std::vector<std::uint32_t> targets;
};

/// What there is to learn from. Reading is const and may be done from several threads.
class Examples {
 public:
  virtual ~Examples() = default;

  std::span<const Example> list() const noexcept { return list_; }
  /// Different texts among the targets, in order of their first use.
  std::span<const std::string> words() const noexcept { return words_; }
  /// Different symbols that steps are made of; empty: steps are numbers.
  std::span<const std::string> symbols() const noexcept { return symbols_; }

  /// The column that targets were read from, of a table; "": none.
  const std::string& target() const noexcept { return target_; }

  /// Names of the columns that features were read from, of tables and CSV files with a header; empty: none.
  std::span<const std::string> columns() const noexcept { return columns_; }

  /// From a step to the next one, of sound; 0: not known.
  virtual double step_seconds() const { return 0; }

  /// Steps of an example; of symbols one number each, that of symbols(). Throws FileError, DataError naming
  /// the file.
  virtual Features read(std::size_t index) const = 0;

 protected:
  std::vector<Example> list_;
  std::vector<std::string> words_, symbols_, columns_;
  std::string target_;
};

struct ExampleOptions {
  ExampleFormat format = ExampleFormat::automatic;
  /// CSV: the column with class, label or text. Not set: the one with such a name (target, class, label,
  /// text), else the last. NetCDF: targetClasses or targetStrings.
  std::optional<std::string> target;
  std::optional<std::string> id;  ///< CSV in long form: the column that says which example a row is of
  std::size_t width = 1;          ///< rows: numbers a step
  bool targets = true;            ///< false: there need not be any
  /// JSON lines, arrays: a list of symbols is one text, with blanks between them, and not a label for each
  /// step. NetCDF: targetStrings go before targetClasses.
  bool lists_are_texts = false;
  FeatureOptions features;
};

/// What the data at a path is by its name and columns. Throws SettingError where nothing tells, FileError.
ExampleFormat find_example_format(const std::string& path, const ExampleOptions& options);

/// The same of data beside others that are of options.format: of that one too, unless the name says that it
/// cannot be. Without targets it may be any file of features.
ExampleFormat find_other_format(const std::string& path, ExampleOptions options);

/// Throws SettingError, FileError, DataError for what does not even have examples that one could go on
/// without; a bad file is found when it is read.
std::unique_ptr<Examples> open_examples(const std::string& path, const ExampleOptions& options);

}  // namespace carousel
