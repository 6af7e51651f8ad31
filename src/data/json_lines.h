// Sequences as JSON lines: one object a line, with the numbers of its steps and a target.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data/line_reader.h"

namespace carousel {

/// What stands under "y": nothing, a text, a number, or a list of either.
using JsonTarget =
    std::variant<std::monostate, std::string, float, std::vector<std::string>, std::vector<float>>;

/// {"x": [[1, 2], [3, 4]], "y": "class", "id": "a", "split": "train"}
struct JsonSample {
  /// Of the file, from 1.
  std::size_t line = 0;
  /// x: row-major [steps, features]. A list of plain numbers has one feature a step.
  std::size_t steps = 0, features = 0;
  std::vector<float> x;
  JsonTarget y;
  /// Empty where the line has none. An id may be a whole number in the file.
  std::string id, split;
  /// What is wrong with the line; "": nothing. What is wrong is not there in whole.
  std::string wrong;
};

/// Reads line by line, as they come; blank lines are skipped. Members with other names are read over.
class JsonLinesReader {
 public:
  /// Lists and objects within another, at most.
  static constexpr std::size_t kMaxDepth = 32;

  /// "-": standard input. Throws FileError.
  explicit JsonLinesReader(const std::string& path);
  /// Reads from memory; `source` is what messages call it. The text must outlive the reader.
  JsonLinesReader(std::string_view text, std::string source);

  /// Nothing at the end. Throws DataError naming source, line and key for what is not JSON, not an object,
  /// without x or with a name twice; steps of unequal length; values of another kind; numbers beyond a
  /// float's range.
  std::optional<JsonSample> next();
  /// The same, but a sample of such a line says so itself, and the next one can be read.
  std::optional<JsonSample> next_any();

 private:
  LineReader lines_;
};

}  // namespace carousel
