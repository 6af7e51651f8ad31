// How many numbers a compressed file may claim to hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace carousel {

/// For files that somebody else's library uncompresses. Throws DataError naming `place` when `promised_bytes`
/// are more than `stored_bytes` can hold at the ratio that deflate reaches, 1032 to 1, and more than a
/// mebibyte, which a fill value needs no bytes for.
void check_inflation(std::uint64_t promised_bytes, std::uint64_t stored_bytes, const std::string& place);

/// The bytes of a regular file. Throws FileError for one that cannot be read, or is none.
std::uint64_t file_bytes(const std::filesystem::path& path);

}  // namespace carousel
