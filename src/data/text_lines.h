// Lines of text in UTF-8, one after the other as they arrive.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "data/line_reader.h"
#include "data/text.h"

namespace carousel {

class TextLines {
 public:
  /// name: what messages call the source.
  TextLines(ByteSource source, std::string name, InvalidText policy)
      : reader_(std::move(source), std::move(name)), policy_(policy) {}

  /// As LineReader::next, in UTF-8; with policy error a DataError names line and byte of what is not.
  std::optional<std::string> next();
  /// Number of the last line, from 1.
  std::size_t line() const noexcept { return reader_.line(); }

 private:
  LineReader reader_;
  InvalidText policy_;
};

}  // namespace carousel
