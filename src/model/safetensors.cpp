#include "model/safetensors.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

#include "base/file.h"
#include "model/safetensors_header.h"

namespace carousel {

using safetensors::ByteRange;
using safetensors::Header;
using safetensors::in_quotes;
using safetensors::kLengthBytes;
using safetensors::kMaxHeaderBytes;
using safetensors::kMetadataKey;

namespace {

struct DtypeRow {
  std::string_view name;
  std::size_t size_bytes;
};
// In the order of the enumeration.
constexpr std::array<DtypeRow, 13> kDtypes = {{{"BOOL", 1},
                                               {"U8", 1},
                                               {"I8", 1},
                                               {"U16", 2},
                                               {"I16", 2},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"U32", 4},
                                               {"I32", 4},
                                               {"F32", 4},
                                               {"U64", 8},
                                               {"I64", 8},
                                               {"F64", 8}}};

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;

std::string_view header_of(std::string_view bytes, const std::string& source) {
  if (bytes.size() < kLengthBytes)
    throw ModelError(
        fmt::format("{}: byte {}: the file ends, expected the {} bytes of a safetensors header length",
                    source, bytes.size(), kLengthBytes));
  std::uint64_t length;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > bytes.size() - kLengthBytes)
    throw ModelError(
        fmt::format("{}: byte 0: header length {}, but {} bytes follow; cut off, or not a safetensors file",
                    source, length, bytes.size() - kLengthBytes));
  if (length > kMaxHeaderBytes)
    throw ModelError(
        fmt::format("{}: byte 0: header length {}, expected at most {}", source, length, kMaxHeaderBytes));
  return bytes.substr(kLengthBytes, length);
}

// Every tensor's bytes are its own, and together they are all there are.
void check_ranges(const Header& header, std::size_t data_bytes, const std::string& source) {
  std::vector<std::size_t> order(header.ranges.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const ByteRange &x = header.ranges[a], &y = header.ranges[b];
    return std::pair(x.begin, x.end) < std::pair(y.begin, y.end);
  });
  std::uint64_t end = 0;
  for (const std::size_t i : order) {
    const ByteRange& range = header.ranges[i];
    const std::string place = fmt::format("{}: tensor {}", source, in_quotes(header.tensors[i].name));
    if (range.end > data_bytes)
      throw ModelError(
          fmt::format("{}: ends at byte {} of the data, but the file holds {}; it may be cut off", place,
                      range.end, data_bytes));
    if (range.begin != end)
      throw ModelError(
          fmt::format("{}: begins at byte {} of the data, expected {} ({})", place, range.begin, end,
                      range.begin < end ? "it overlaps another" : "the bytes between belong to none"));
    end = range.end;
  }
  if (end != data_bytes)
    throw ModelError(
        fmt::format("{}: {} bytes of data, expected the {} that the tensors have", source, data_bytes, end));
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("[safetensors] a name or metadata text is not UTF-8: {}", in_quotes(text)));
  }
}

void check_contents(const Safetensors& contents) {
  if (contents.metadata.size() > safetensors::kMaxMetadata)
    throw Error(fmt::format("[safetensors] {} metadata entries, expected at most {}",
                            contents.metadata.size(), safetensors::kMaxMetadata));
  std::set<std::string_view> names = {kMetadataKey};
  for (const NamedTensor& tensor : contents.tensors) {
    if (!names.insert(tensor.name).second)
      throw Error(fmt::format("[safetensors] tensor name {} is taken", in_quotes(tensor.name)));
    if (tensor.bytes.size() != tensor.shape.size() * size_bytes(tensor.dtype))
      throw Error(fmt::format("[safetensors] tensor {} has {} bytes, expected {} {}", in_quotes(tensor.name),
                              tensor.bytes.size(), name(tensor.dtype), tensor.shape.to_string()));
  }
}

// Widest numbers first, so that every tensor is aligned to its numbers though nothing may lie between two.
std::vector<std::size_t> data_order(const Safetensors& contents) {
  std::vector<std::size_t> order(contents.tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return size_bytes(contents.tensors[a].dtype) > size_bytes(contents.tensors[b].dtype);
  });
  return order;
}

std::string header_text(const Safetensors& contents, const std::vector<ByteRange>& ranges) {
  std::string text = "{";
  const auto separate = [&] {
    if (text.size() > 1) text += ',';
  };
  if (!contents.metadata.empty()) {
    std::string entries;
    for (const auto& [key, value] : contents.metadata)
      entries += fmt::format("{}{}:{}", entries.empty() ? "" : ",", json_string(key), json_string(value));
    text += fmt::format("\"{}\":{{{}}}", kMetadataKey, entries);
  }
  for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
    const NamedTensor& tensor = contents.tensors[i];
    separate();
    text += fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                        json_string(tensor.name), name(tensor.dtype), fmt::join(tensor.shape.extents(), ","),
                        ranges[i].begin, ranges[i].end);
  }
  text += '}';
  const std::size_t unaligned = (kLengthBytes + text.size()) % kAlignment_bytes;
  if (unaligned != 0) text.append(kAlignment_bytes - unaligned, ' ');
  if (text.size() > kMaxHeaderBytes)
    throw Error(
        fmt::format("[safetensors] header of {} bytes, expected at most {}", text.size(), kMaxHeaderBytes));
  return text;
}

}  // namespace

std::size_t size_bytes(Dtype dtype) noexcept { return kDtypes[static_cast<std::size_t>(dtype)].size_bytes; }

std::string_view name(Dtype dtype) noexcept { return kDtypes[static_cast<std::size_t>(dtype)].name; }

const NamedTensor* Safetensors::find(std::string_view name) const noexcept {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

Safetensors parse_safetensors(std::string_view bytes, const std::string& source) {
  const std::string_view json = header_of(bytes, source);
  Header header = safetensors::parse_header(json, source);
  const std::string_view data = bytes.substr(kLengthBytes + json.size());
  check_ranges(header, data.size(), source);
  for (std::size_t i = 0; i < header.tensors.size(); ++i) {
    const ByteRange& range = header.ranges[i];
    const auto* begin = reinterpret_cast<const std::byte*>(data.data()) + range.begin;
    header.tensors[i].bytes.assign(begin, begin + (range.end - range.begin));
  }
  return {std::move(header.tensors), std::move(header.metadata)};
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, kMaxFileBytes), path.string());
}

std::string serialize_safetensors(const Safetensors& contents) {
  check_contents(contents);
  const std::vector<std::size_t> order = data_order(contents);
  std::vector<ByteRange> ranges(contents.tensors.size());
  std::size_t end = 0;
  for (const std::size_t i : order) {
    ranges[i].begin = end;
    end = checked_add(end, contents.tensors[i].bytes.size(), "safetensors");
    ranges[i].end = end;
  }
  const std::string header = header_text(contents, ranges);
  std::string bytes;
  bytes.reserve(kLengthBytes + header.size() + end);
  const std::uint64_t length = header.size();
  bytes.append(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes += header;
  for (const std::size_t i : order) {
    const AlignedVector<std::byte>& data = contents.tensors[i].bytes;
    if (!data.empty()) bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& contents) {
  write_file(path, serialize_safetensors(contents));
}

void refuse_dtype(const NamedTensor& tensor, Dtype asked) {
  throw ModelError(fmt::format("tensor {}: dtype is {}, expected {}", in_quotes(tensor.name),
                               name(tensor.dtype), name(asked)));
}

void check_count(std::string_view name, const Shape& shape, std::size_t count) {
  if (count != shape.size())
    throw Error(fmt::format("[safetensors] tensor {}: {} numbers, expected {} for {}", in_quotes(name), count,
                            shape.size(), shape.to_string()));
}

}  // namespace carousel
