// IDX, the file of the MNIST digits (LeCun, Cortes & Burges): a type, extents, numbers, all big-endian.
// docs/formats.md describes the bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/array.h"

namespace carousel {

/// As it is or compressed with gzip. Of a compressed file only as many bytes are uncompressed as the extents
/// promise, and none when the file cannot hold them. `source` names the bytes in errors. Throws DataError
/// naming it, the byte, what was found and what was expected.
Array parse_idx(std::string_view bytes, const std::string& source);
/// Throws also FileError.
Array read_idx(const std::filesystem::path& path);

}  // namespace carousel
