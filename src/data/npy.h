// NPY, the file of one numpy array (numpy.lib.format, versions 1 to 3). docs/formats.md describes the bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/array.h"

namespace carousel {

/// Booleans, integers of 8 to 64 bits, floating ones of 16, 32 and 64, of either byte order, in C or Fortran
/// order. `source` names the bytes in errors. Throws DataError naming it, the byte, what was found and what
/// was expected; memory is bounded by a small multiple of the input's size.
Array parse_npy(std::string_view bytes, const std::string& source);
/// Throws also FileError.
Array read_npy(const std::filesystem::path& path);

/// As `<f4` in C order, version 1.
std::string serialize_npy(const Array& array);
/// Written whole or not at all. Throws FileError.
void write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace carousel
