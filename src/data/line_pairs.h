// Pairs of lines: what is to be translated, and into what.
#pragma once

#include <string>
#include <vector>

#include "data/text_lines.h"

namespace carousel {

struct LinePair {
  std::string source, target;
  bool operator==(const LinePair&) const = default;
};

/// SOURCE, one TAB, TARGET on each line. Throws as TextLines; DataError naming the line where there is no
/// TAB or more than one, or nothing but blanks on either side.
std::vector<LinePair> read_line_pairs(ByteSource pairs, const std::string& name, InvalidText policy);
/// Lines of two files that have the same number. Throws as TextLines; DataError naming file and line for one
/// with nothing but blanks, and where one file has fewer lines than the other.
std::vector<LinePair> read_line_pairs(ByteSource sources, const std::string& source_name, ByteSource targets,
                                      const std::string& target_name, InvalidText policy);

}  // namespace carousel
