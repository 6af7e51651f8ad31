#include "data/netcdf_header.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "data/cells.h"

namespace carousel::netcdf {
namespace {

// NetCDF User's Guide, appendix B: the classic formats.
constexpr std::uint64_t kDimensions = 10, kVariables = 11, kAttributes = 12;
constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
constexpr std::uint64_t kTooMuch = std::uint64_t{1} << 62;

std::uint64_t padded(std::uint64_t bytes) { return (bytes + 3) / 4 * 4; }

class Parser {
 public:
  Parser(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  Header parse() {
    magic();
    records_ = count();
    // What a program that is still writing leaves there.
    const std::uint64_t unknown = count_bytes_ == 8 ? std::numeric_limits<std::uint64_t>::max() : 0xFFFFFFFF;
    if (records_ == unknown) fail("found no number of records; the file was never finished");
    list(kDimensions, [&] { dimension(); });
    list(kAttributes, [&] { attribute(); });
    list(kVariables, [&] { variable(); });
    if (record_variables_ == 1) header_.record_bytes = unpadded_record_;
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}: byte {}: {}", source_, at_, what));
  }

  void magic() {
    if (bytes_.starts_with(kHdf5)) {
      fail(
          "found a file of NetCDF-4, expected a classic one; convert it with nccopy -k classic, or read it "
          "as HDF5");
    }
    if (!bytes_.starts_with("CDF")) fail("expected a NetCDF file, which begins with CDF");
    at_ = 3;
    const std::string_view version = take(1);
    if (version != "\x01" && version != "\x02" && version != "\x05") {
      at_ = 3;
      fail(fmt::format("found version {}, expected 1, 2 or 5", static_cast<unsigned char>(version[0])));
    }
    if (version == "\x05") count_bytes_ = 8;
    if (version != "\x01") offset_bytes_ = 8;
  }

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) fail("the file ends in its header; it may be cut off");
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::uint64_t count() { return number(count_bytes_); }

  std::string name() {
    const std::uint64_t length = count();
    if (length > bytes_.size() - at_) fail("found a name longer than the file; it may be cut off");
    const std::string_view text = take(padded(length)).substr(0, length);
    if (!is_utf8(text)) fail(fmt::format("found the name '{}', expected UTF-8", shown(text)));
    return std::string(text);
  }

  Type type() {
    const std::uint64_t value = number(4),
                        largest = static_cast<std::uint64_t>(count_bytes_ == 8 ? Type::uint64 : Type::real64);
    if (value < 1 || value > largest)
      fail(fmt::format("found numbers of type {}, expected 1 to {}", value, largest));
    return static_cast<Type>(value);
  }

  /// Entries that each take at least some bytes: there are no more of them than the file has.
  template <class Entry>
  void list(std::uint64_t tag, const Entry& entry) {
    const std::uint64_t found = number(4), entries = count();
    if (found != tag && (found != 0 || entries != 0)) {
      fail(fmt::format("found the list {:#x} of {} entries, expected {:#x}", found, entries, tag));
    }
    for (std::uint64_t i = 0; i < entries; ++i) entry();
  }

  void dimension() {
    Dimension read{name(), count()};
    // The one without a length grows with the records.
    if (read.length == 0) {
      if (record_dimension_) fail("found a second dimension of records, expected one");
      record_dimension_ = header_.dimensions.size();
      read.length = records_;
    }
    header_.dimensions.push_back(std::move(read));
  }

  void attribute() {
    name();
    const std::size_t size = size_bytes(type());
    const std::uint64_t bytes = bounded_product(count(), size);
    take(bytes > bytes_.size() ? bytes : padded(bytes));
  }

  void variable() {
    Variable read;
    read.name = name();
    const std::uint64_t axes = count();
    std::uint64_t elements = 1;
    for (std::uint64_t axis = 0; axis < axes; ++axis) {
      const std::uint64_t dimension = count();
      if (dimension >= header_.dimensions.size()) {
        fail(fmt::format("found dimension {}, expected one of {}", dimension, header_.dimensions.size()));
      }
      read.extents.push_back(header_.dimensions[dimension].length);
      if (dimension == record_dimension_) {
        if (axis > 0) fail("found records in another place than the first");
        read.in_records = true;
      } else {
        elements = bounded_product(elements, read.extents.back());
      }
    }
    list(kAttributes, [&] { attribute(); });
    read.type = type();
    count();  // the size in bytes, which is known and may be too large to stand here
    read.begin = number(offset_bytes_);
    if (read.in_records) add_record_part(bounded_product(elements, size_bytes(read.type)));
    header_.variables.push_back(std::move(read));
  }

  void add_record_part(std::uint64_t bytes) {
    ++record_variables_;
    unpadded_record_ = bytes;
    header_.record_bytes = std::min(header_.record_bytes + padded(bytes), kTooMuch);
  }

  std::string_view bytes_;
  const std::string& source_;
  std::size_t at_ = 0, count_bytes_ = 4, offset_bytes_ = 4;
  std::uint64_t records_ = 0;
  std::optional<std::size_t> record_dimension_;
  /// The records of a single variable are not padded.
  std::size_t record_variables_ = 0;
  std::uint64_t unpadded_record_ = 0;
  Header header_;
};

}  // namespace

std::size_t size_bytes(Type type) noexcept {
  constexpr std::array<std::size_t, 12> kSizes = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
  return kSizes[static_cast<std::size_t>(type)];
}

std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) noexcept {
  return b != 0 && a > kTooMuch / b ? kTooMuch : a * b;
}

Header parse_header(std::string_view bytes, const std::string& source) {
  return Parser(bytes, source).parse();
}

}  // namespace carousel::netcdf
