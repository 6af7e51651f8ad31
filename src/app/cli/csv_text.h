// What stands in the cells of CSV that commands write.
#pragma once

#include <string>

namespace carousel::cli {

/// A text as a cell: in quotes where it has to be (RFC 4180).
std::string quoted(const std::string& text);

/// The fewest digits that give the same float, for what a network has computed in float; of a double beyond
/// its range those of the double.
std::string float_text(double value);

}  // namespace carousel::cli
