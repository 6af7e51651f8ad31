#include "data/token_columns.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <utility>

#include "base/counted.h"
#include "data/cells.h"

namespace carousel {
namespace {

constexpr std::string_view kOpening = "<>", kClosing = "<end>", kEnd = "end", kDocument = "-DOCSTART-";
constexpr std::string_view kBlanks = " \t";

}  // namespace

TokenColumnsReader::TokenColumnsReader(LineReader lines, const TokenColumnsForm& form)
    : lines_(std::move(lines)), form_(form) {
  if (form_.symbol == form_.label) {
    throw SettingError(fmt::format("symbol and label are both column {}; expected two columns", form.symbol));
  }
}

TokenColumnsReader::TokenColumnsReader(const std::string& path, const TokenColumnsForm& form)
    : TokenColumnsReader(LineReader(ByteSource(path), source_name(path)), form) {}

TokenColumnsReader::TokenColumnsReader(std::string_view text, std::string source,
                                       const TokenColumnsForm& form)
    : TokenColumnsReader(LineReader(ByteSource(text), std::move(source)), form) {}

void TokenColumnsReader::split(std::string_view line) {
  fields_.clear();
  if (tabs_) {
    for (std::size_t stop; (stop = line.find('\t')) != std::string_view::npos; line.remove_prefix(stop + 1)) {
      fields_.push_back(line.substr(0, stop));
    }
    fields_.push_back(line);
    return;
  }
  for (std::size_t begin; (begin = line.find_first_not_of(kBlanks)) != std::string_view::npos;) {
    line.remove_prefix(begin);
    fields_.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(fields_.back().size());
  }
}

/// Splits the line, and says what it is. `inside`: a row of the sequence has been read.
TokenColumnsReader::Line TokenColumnsReader::kind(std::string_view line, bool inside) {
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return Line::marker;
  const std::string_view word = line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
  const bool end = word == kEnd && (columns_ > 1 || opened_);
  if (end || word == kOpening || word == kClosing || word.starts_with(kDocument)) {
    opened_ = word == kOpening;
    return Line::marker;
  }
  if (word.starts_with('#') && !inside) return Line::comment;
  if (columns_ == 0) tabs_ = line.find('\t') != std::string_view::npos;
  split(line);
  if (columns_ == 0) columns_ = fields_.size();
  return word.starts_with('#') && fields_.size() != columns_ ? Line::comment : Line::row;
}

void TokenColumnsReader::check_row() const {
  if (fields_.size() != columns_) {
    lines_.fail(fmt::format("found {}, expected {} as in the rows before",
                            counted(fields_.size(), "column", "columns"), columns_));
  }
  for (const std::size_t column : {form_.symbol, columns_ > 1 ? form_.label : 0}) {
    if (column > columns_) {
      lines_.fail(fmt::format("found {}, expected column {} as well", counted(columns_, "column", "columns"),
                              column));
    }
  }
  if (columns_ > 1 && symbol_column() == label_column()) {
    lines_.fail(fmt::format("found {}, so that symbol and label are the same; name the columns",
                            counted(columns_, "column", "columns")));
  }
}

void TokenColumnsReader::append_row(TokenSequence& sequence) const {
  const auto append = [&](std::size_t column, std::vector<std::string>& to) {
    const std::string_view field = fields_[column - 1];
    if (field.empty()) lines_.fail(fmt::format("found nothing in column {}", column));
    if (!is_utf8(field)) {
      lines_.fail(fmt::format("found '{}', expected UTF-8; save the file as UTF-8", shown(field)));
    }
    to.emplace_back(field);
  };
  append(symbol_column(), sequence.symbols);
  if (columns_ > 1) append(label_column(), sequence.labels);
}

std::optional<TokenSequence> TokenColumnsReader::next() {
  std::optional<TokenSequence> sequence = next_any();
  if (sequence && !sequence->wrong.empty()) throw DataError(sequence->wrong);
  return sequence;
}

/// Leaves the row out, and those behind it, where it is wrong.
void TokenColumnsReader::take_row(TokenSequence& sequence) const {
  if (sequence.line == 0) sequence.line = lines_.line();
  if (!sequence.wrong.empty()) return;
  try {
    check_row();
    append_row(sequence);
  } catch (const DataError& error) {
    sequence.wrong = error.what();
  }
}

std::optional<TokenSequence> TokenColumnsReader::next_any() {
  TokenSequence sequence;
  while (const std::optional<std::string_view> line = lines_.next()) {
    const bool inside = sequence.line > 0;
    switch (kind(*line, inside)) {
      case Line::comment:
        break;
      case Line::marker:
        if (inside) return sequence;
        break;
      case Line::row:
        take_row(sequence);
        break;
    }
  }
  if (sequence.line == 0) return std::nullopt;
  return sequence;
}

std::vector<TokenSequence> read_all(TokenColumnsReader& reader) {
  std::vector<TokenSequence> all;
  while (std::optional<TokenSequence> sequence = reader.next()) all.push_back(std::move(*sequence));
  return all;
}

}  // namespace carousel
