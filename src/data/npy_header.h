// The header of an NPY file: a Python dictionary with descr, fortran_order and shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/elements.h"

namespace carousel::npy {

inline constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  ElementType type;
  bool fortran_order = false;
  std::vector<std::uint64_t> extents;
};

/// `begin` is the byte of the file where the text begins. Throws DataError naming `source`, the byte, what
/// was found and what was expected.
Header parse_header(std::string_view text, const std::string& source, std::size_t begin);

}  // namespace carousel::npy
