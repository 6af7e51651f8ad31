// The JSON header of a safetensors file, checked as far as the header alone allows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/safetensors.h"

namespace carousel::safetensors {

inline constexpr std::size_t kLengthBytes = 8;
inline constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // as the reference implementation has it
inline constexpr std::size_t kMaxMetadata = 10'000;
inline constexpr std::string_view kMetadataKey = "__metadata__";

/// Bytes [begin, end) of what follows the header.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Header {
  std::vector<NamedTensor> tensors;  // without their bytes
  std::vector<ByteRange> ranges;     // one for each; as long as shape and dtype say
  std::map<std::string, std::string> metadata;
};

/// `json` begins kLengthBytes into the file. Names are unlike each other; the ranges may still overlap or run
/// past the end. Throws ModelError.
Header parse_header(std::string_view json, const std::string& source);

/// A name from a file as it can stand in a message of one line: cut off when long, control characters
/// escaped.
std::string in_quotes(std::string_view name);

}  // namespace carousel::safetensors
