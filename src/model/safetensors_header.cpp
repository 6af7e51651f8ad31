#include "model/safetensors_header.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace carousel::safetensors {

namespace {

// The shortest entry a header can have is {"":{"dtype":"U8","shape":[],"data_offsets":[0,0]}}.
constexpr std::size_t kMinEntryBytes = 48;

constexpr Dtype kAllDtypes[] = {Dtype::boolean, Dtype::u8,   Dtype::i8,  Dtype::u16, Dtype::i16,
                                Dtype::f16,     Dtype::bf16, Dtype::u32, Dtype::i32, Dtype::f32,
                                Dtype::u64,     Dtype::i64,  Dtype::f64};

// Takes the parser's events one by one: no tree of hostile depth or size is ever built.
class Reader {
 public:
  Reader(Header& header, const std::string& source) : header_(header), source_(source) {}

  // What nlohmann::json calls; the names and signatures are its own.
  bool null() { refuse("null"); }
  bool boolean(bool value) { refuse(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { refuse(fmt::format("{}", value)); }
  bool number_float(double, const std::string& text) { refuse(text.substr(0, 40)); }
  bool binary(std::vector<std::uint8_t>&) { refuse("binary"); }

  bool number_unsigned(std::uint64_t value) {
    if (place_ == Place::shape) {
      if (extents_.size() == Shape::kMaxRank)
        fail(fmt::format("shape has more than {} extents", Shape::kMaxRank));
      extents_.push_back(value);
    } else if (place_ == Place::offsets && offset_count_ < 2) {
      (offset_count_++ == 0 ? range_.begin : range_.end) = value;
    } else {
      refuse(fmt::format("{}", value));
    }
    return true;
  }

  bool string(std::string& value) {
    if (place_ == Place::metadata) {
      if (header_.metadata.size() == kMaxMetadata)
        fail(fmt::format("more than {} metadata entries", kMaxMetadata));
      if (!header_.metadata.emplace(key_, std::move(value)).second) fail("is there twice");
    } else if (place_ == Place::tensor && key_ == "dtype") {
      set_dtype(value);
    } else {
      refuse(in_quotes(value));
    }
    return true;
  }

  bool start_object(std::size_t) {
    if (place_ == Place::start) {
      place_ = Place::top;
    } else if (place_ == Place::top && tensor_.name == kMetadataKey) {
      if (std::exchange(metadata_seen_, true)) fail("is there twice");
      place_ = Place::metadata;
    } else if (place_ == Place::top) {
      place_ = Place::tensor;
      dtype_seen_ = shape_seen_ = offsets_seen_ = false;
    } else {
      refuse("an object");
    }
    return true;
  }

  bool key(std::string& name) {
    key_ = name;
    if (place_ == Place::top) {
      tensor_.name = std::move(name);
    } else if (place_ == Place::tensor) {
      bool* seen = name == "dtype"          ? &dtype_seen_
                   : name == "shape"        ? &shape_seen_
                   : name == "data_offsets" ? &offsets_seen_
                                            : nullptr;
      if (!seen) fail(fmt::format("has {}, expected dtype, shape and data_offsets only", in_quotes(name)));
      if (std::exchange(*seen, true)) fail(fmt::format("has {} twice", name));
    }
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ == Place::tensor && key_ == "shape") {
      place_ = Place::shape;
      extents_.clear();
    } else if (place_ == Place::tensor && key_ == "data_offsets") {
      place_ = Place::offsets;
      offset_count_ = 0;
    } else {
      refuse("an array");
    }
    return true;
  }

  bool end_array() {
    if (place_ == Place::offsets && offset_count_ != 2)
      fail(fmt::format("data_offsets has {} numbers, expected 2", offset_count_));
    place_ = Place::tensor;
    return true;
  }

  bool end_object() {
    if (place_ == Place::tensor) finish_tensor();
    place_ = Place::top;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    // The library's text repeats the whole of what it read last; its last clause says what is wrong.
    const std::string_view text = error.what();
    const std::size_t clause = text.rfind("; ");
    const std::string reason =
        clause == text.npos ? "" : fmt::format(" ({})", text.substr(clause + 2).substr(0, 80));
    throw ModelError(fmt::format("{}: byte {}: the header is not valid JSON{}", source_,
                                 kLengthBytes + std::max<std::size_t>(position, 1) - 1, reason));
  }

 private:
  enum class Place { start, top, tensor, shape, offsets, metadata };

  void set_dtype(std::string_view text) {
    const auto dtype =
        std::find_if(std::begin(kAllDtypes), std::end(kAllDtypes), [&](Dtype d) { return name(d) == text; });
    if (dtype == std::end(kAllDtypes)) {
      std::string all;
      for (const Dtype d : kAllDtypes) all += fmt::format("{}{}", all.empty() ? "" : ", ", name(d));
      fail(fmt::format("dtype is {}, expected one of {}", in_quotes(text), all));
    }
    tensor_.dtype = *dtype;
  }

  void finish_tensor() {
    if (!dtype_seen_ || !shape_seen_ || !offsets_seen_)
      fail(fmt::format("has no {}", !dtype_seen_ ? "dtype" : !shape_seen_ ? "shape" : "data_offsets"));
    try {
      tensor_.shape = Shape(extents_);
    } catch (const Error&) {
      fail(fmt::format("shape [{}] is too large", fmt::join(extents_, ", ")));
    }
    if (range_.end < range_.begin)
      fail(fmt::format("data_offsets end at byte {}, before they begin at {}", range_.end, range_.begin));
    const std::uint64_t expected = tensor_.shape.size() * size_bytes(tensor_.dtype);
    if (range_.end - range_.begin != expected)
      fail(fmt::format("data_offsets hold {} bytes, expected {} for {} {}", range_.end - range_.begin,
                       expected, name(tensor_.dtype), tensor_.shape.to_string()));
    header_.tensors.push_back(std::move(tensor_));
    header_.ranges.push_back(range_);
    tensor_ = NamedTensor{};
  }

  [[noreturn]] void fail(std::string_view message) const {
    std::string place = "header";
    if (place_ == Place::metadata)
      place = fmt::format("metadata {}", in_quotes(key_));
    else if (place_ != Place::start)
      place =
          tensor_.name == kMetadataKey ? "__metadata__" : fmt::format("tensor {}", in_quotes(tensor_.name));
    throw ModelError(fmt::format("{}: {}: {}", source_, place, message));
  }

  [[noreturn]] void refuse(std::string_view found) const {
    switch (place_) {
      case Place::start:
        fail(fmt::format("found {}, expected an object", found));
      case Place::top:
        fail(fmt::format("is {}, expected an object", found));
      case Place::metadata:
        fail(fmt::format("is {}, expected a string", found));
      case Place::shape:
        fail(fmt::format("found {} in shape, expected whole numbers of 0 or more", found));
      case Place::offsets:
        fail(fmt::format("found {} in data_offsets, expected two whole numbers of 0 or more", found));
      case Place::tensor:
        break;
    }
    fail(fmt::format("{} is {}, expected {}", key_, found,
                     key_ == "dtype" ? "a string" : "an array of whole numbers"));
  }

  Header& header_;
  const std::string& source_;
  Place place_ = Place::start;
  std::string key_;
  bool metadata_seen_ = false;
  // The tensor being read.
  NamedTensor tensor_;
  ByteRange range_;
  std::vector<std::size_t> extents_;
  std::size_t offset_count_ = 0;
  bool dtype_seen_ = false, shape_seen_ = false, offsets_seen_ = false;
};

void check_names(const std::vector<NamedTensor>& tensors, const std::string& source) {
  std::vector<std::string_view> names;
  names.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw ModelError(fmt::format("{}: tensor {}: is there twice", source, in_quotes(*twice)));
}

}  // namespace

Header parse_header(std::string_view json, const std::string& source) {
  if (json.empty() || json[0] != '{')
    throw ModelError(fmt::format("{}: byte {}: expected the '{{' of a JSON header", source, kLengthBytes));
  // The JSON library takes a zero byte for the end of its input.
  if (const std::size_t zero = json.find('\0'); zero != json.npos)
    throw ModelError(
        fmt::format("{}: byte {}: found a zero byte in the JSON header", source, kLengthBytes + zero));
  Header header;
  // Reserved, because growing would hold the old and the new at once.
  header.tensors.reserve(json.size() / kMinEntryBytes + 1);
  header.ranges.reserve(json.size() / kMinEntryBytes + 1);
  Reader reader(header, source);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  check_names(header.tensors, source);
  return header;
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kMaxBytes = 60;
  const bool cut = name.size() > kMaxBytes;
  if (cut) {
    name = name.substr(0, kMaxBytes);
    // Not in the middle of a UTF-8 character.
    while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xc0) == 0x80) name.remove_suffix(1);
    if (!name.empty() && static_cast<unsigned char>(name.back()) >= 0xc0) name.remove_suffix(1);
  }
  std::string result = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\')
      result += fmt::format("\\x{:02x}", byte);
    else
      result += c;
  }
  return result + (cut ? "...\"" : "\"");
}

}  // namespace carousel::safetensors
