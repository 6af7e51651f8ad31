// Labelled sequences as text: one step a line, its symbol and label in columns; as CoNLL files and the
// protein chains of Qian & Sejnowski (1988) are written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/line_reader.h"

namespace carousel {

/// Which columns to read, counted from 1 (0: the last one).
struct TokenColumnsForm {
  std::size_t symbol = 1;
  std::size_t label = 0;
};

/// labels is empty in a file of one column, else as long as symbols. `line`: of the first row. wrong: what is
/// wrong with a row of it, the first such; "": nothing. What is wrong is not there in whole.
struct TokenSequence {
  std::size_t line = 0;
  std::vector<std::string> symbols, labels;
  std::string wrong;
};

/// Columns are parted by tabs, if the first row has any, else by runs of blanks; every row has as many as the
/// first. Sequences are parted by blank lines and by lines of `<>`, `<end>`, `end` or one that begins with
/// -DOCSTART-. In a file of one column `end` parts them only where `<>` began the sequence, as it is a word
/// as well. A line that begins with # is a comment, unless it stands within a sequence and has as many
/// columns as its rows.
class TokenColumnsReader {
 public:
  /// "-": standard input. Throws FileError; SettingError when both columns are the same.
  explicit TokenColumnsReader(const std::string& path, const TokenColumnsForm& form = {});
  /// Reads from memory; `source` is what messages call it. The text must outlive the reader.
  TokenColumnsReader(std::string_view text, std::string source, const TokenColumnsForm& form = {});

  /// The next sequence, which has one step or more; nothing at the end. Throws DataError naming source and
  /// line for a row with another number of columns or without the ones asked for, and text that is not UTF-8.
  std::optional<TokenSequence> next();
  /// The same, but a sequence with such a row says so itself, and the next one can be read.
  std::optional<TokenSequence> next_any();

 private:
  enum class Line { row, marker, comment };

  TokenColumnsReader(LineReader lines, const TokenColumnsForm& form);
  void split(std::string_view line);
  Line kind(std::string_view line, bool inside);
  void check_row() const;
  void append_row(TokenSequence& sequence) const;
  void take_row(TokenSequence& sequence) const;
  std::size_t symbol_column() const noexcept { return form_.symbol == 0 ? columns_ : form_.symbol; }
  std::size_t label_column() const noexcept { return form_.label == 0 ? columns_ : form_.label; }

  LineReader lines_;
  TokenColumnsForm form_;
  std::vector<std::string_view> fields_;
  /// Of every row; 0 before the first.
  std::size_t columns_ = 0;
  bool tabs_ = false;
  /// Did `<>` begin the sequence?
  bool opened_ = false;
};

/// All that are left.
std::vector<TokenSequence> read_all(TokenColumnsReader& reader);

}  // namespace carousel
