// Pairs of lines: what is to be translated, and into what.
#pragma once

#include <string>
#include <vector>

#include "data/bad_examples.h"
#include "data/record_reader.h"
#include "data/text.h"

namespace carousel {

struct LinePair {
  std::string source, target;
  bool operator==(const LinePair&) const = default;
};

/// SOURCE, one TAB, TARGET on each line. A line is a bad example where it is not UTF-8 (as policy has it),
/// has no TAB or more than one, or nothing but blanks on either side. Throws as LineReader, and as bad.
std::vector<LinePair> read_line_pairs(ByteSource pairs, const std::string& name, InvalidText policy,
                                      BadExampleList& bad);
/// Lines of two files that have the same number; where one of both is bad, neither is taken. Throws also
/// DataError where one file has fewer lines than the other.
std::vector<LinePair> read_line_pairs(ByteSource sources, const std::string& source_name, ByteSource targets,
                                      const std::string& target_name, InvalidText policy,
                                      BadExampleList& bad);

}  // namespace carousel
