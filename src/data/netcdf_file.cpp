#include "data/netcdf_file.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "data/cells.h"
#include "data/elements.h"

namespace carousel {
namespace {

/// Nothing for characters.
std::optional<ElementType> element_type(netcdf::Type type) {
  using enum netcdf::Type;
  if (type == character) return std::nullopt;
  const bool real = type == real32 || type == real64,
             has_sign = type == int8 || type == int16 || type == int32 || type == int64;
  const ElementKind kind = real       ? ElementKind::floating
                           : has_sign ? ElementKind::signed_integer
                                      : ElementKind::unsigned_integer;
  return ElementType{kind, netcdf::size_bytes(type), std::endian::big};
}

}  // namespace

NetcdfFile::NetcdfFile(std::string_view bytes, std::string source)
    : bytes_(bytes), source_(std::move(source)), header_(netcdf::parse_header(bytes, source_)) {}

std::string NetcdfFile::place(std::string_view variable) const {
  return fmt::format("{}, variable '{}'", source_, shown(variable));
}

void NetcdfFile::fail(std::string_view variable, std::string_view what) const {
  throw DataError(fmt::format("{}: {}", place(variable), what));
}

std::vector<std::string> NetcdfFile::variables() const {
  std::vector<std::string> names;
  for (const netcdf::Variable& variable : header_.variables) names.push_back(variable.name);
  return names;
}

bool NetcdfFile::has(std::string_view variable) const noexcept {
  return std::ranges::find(header_.variables, variable, &netcdf::Variable::name) != header_.variables.end();
}

std::uint64_t NetcdfFile::dimension(std::string_view name) const noexcept {
  const auto found = std::ranges::find(header_.dimensions, name, &netcdf::Dimension::name);
  return found == header_.dimensions.end() ? 0 : found->length;
}

const netcdf::Variable& NetcdfFile::find(std::string_view variable) const {
  const auto found = std::ranges::find(header_.variables, variable, &netcdf::Variable::name);
  if (found != header_.variables.end()) return *found;
  throw SettingError(fmt::format("{} has no variable '{}'; {}", source_, shown(variable),
                                 suggestion(variable, variables())));
}

Shape NetcdfFile::shape(const netcdf::Variable& variable) const {
  return shape_in_file(variable.extents, place(variable.name));
}

/// The numbers one after the other, as big-endian as they are.
std::string NetcdfFile::numbers_bytes(const netcdf::Variable& variable) const {
  const std::uint64_t bytes = shape(variable).size() * netcdf::size_bytes(variable.type);
  if (bytes == 0) return {};
  const std::uint64_t records = variable.in_records ? variable.extents[0] : 1, part = bytes / records,
                      last = netcdf::bounded_product(records - 1, header_.record_bytes);
  // Of file sizes none of these three sums overflows.
  if (variable.begin > bytes_.size() || last > bytes_.size() || part > bytes_.size() ||
      variable.begin + last + part > bytes_.size()) {
    fail(variable.name,
         fmt::format("found {} bytes of numbers from byte {} on, but the file ends at byte {}; it may "
                     "be cut off",
                     bytes, variable.begin, bytes_.size()));
  }
  std::string numbers;
  numbers.reserve(bytes);
  for (std::uint64_t record = 0; record < records; ++record) {
    numbers += bytes_.substr(variable.begin + record * header_.record_bytes, part);
  }
  return numbers;
}

Array NetcdfFile::numbers(std::string_view name) const {
  const netcdf::Variable& variable = find(name);
  const std::optional<ElementType> element = element_type(variable.type);
  if (!element) fail(name, "found characters, expected numbers");
  const std::string bytes = numbers_bytes(variable);
  Array array = zeros(shape(variable), place(name));
  to_floats(bytes, *element, array.values, place(name));
  return array;
}

std::vector<std::int64_t> NetcdfFile::whole_numbers(std::string_view name) const {
  const netcdf::Variable& variable = find(name);
  const std::optional<ElementType> element = element_type(variable.type);
  if (!element || element->kind == ElementKind::floating) fail(name, "expected whole numbers");
  const std::string bytes = numbers_bytes(variable);
  const std::size_t size = element->size_bytes;
  const int unused = static_cast<int>(64 - 8 * size);
  std::vector<std::int64_t> whole;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (element->kind == ElementKind::signed_integer) {
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): elements have 1 to 8 bytes
      whole.push_back(static_cast<std::int64_t>(value << unused) >> unused);
    } else {
      if (value > INT64_MAX) fail(name, fmt::format("found {}, expected a number below 2^63", value));
      whole.push_back(static_cast<std::int64_t>(value));
    }
  }
  return whole;
}

std::vector<std::string> NetcdfFile::texts(std::string_view name) const {
  const netcdf::Variable& variable = find(name);
  const Shape extents = shape(variable);
  if (variable.type != netcdf::Type::character || extents.rank() != 2) {
    fail(name, "expected texts: characters [texts, bytes]");
  }
  const std::string bytes = numbers_bytes(variable);
  // Without bytes there are no texts but empty ones, however many the file claims.
  std::vector<std::string> all(extents[1] == 0 ? 0 : extents[0]);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string_view text = std::string_view(bytes).substr(i * extents[1], extents[1]);
    all[i] = text.substr(0, text.find('\0'));
    if (!is_utf8(all[i])) fail(name, fmt::format("found '{}', expected UTF-8", shown(all[i])));
  }
  return all;
}

}  // namespace carousel
