#include "data/netcdf_file.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <netcdf.h>

#include <array>
#include <bit>
#include <optional>

#include "base/suggest.h"
#include "data/cells.h"
#include "data/elements.h"
#include "data/inflation.h"
#include "data/netcdf_classic.h"

namespace carousel {
namespace {

/// Nothing for a type without numbers.
std::optional<ElementType> element_type(nc_type type) {
  using enum ElementKind;
  const auto native = [](ElementKind kind, std::size_t size) {
    return ElementType{kind, size, std::endian::native};
  };
  switch (type) {
    case NC_BYTE:
      return native(signed_integer, 1);
    case NC_UBYTE:
      return native(unsigned_integer, 1);
    case NC_SHORT:
      return native(signed_integer, 2);
    case NC_USHORT:
      return native(unsigned_integer, 2);
    case NC_INT:
      return native(signed_integer, 4);
    case NC_UINT:
      return native(unsigned_integer, 4);
    case NC_INT64:
      return native(signed_integer, 8);
    case NC_UINT64:
      return native(unsigned_integer, 8);
    case NC_FLOAT:
      return native(floating, 4);
    case NC_DOUBLE:
      return native(floating, 8);
    default:
      return std::nullopt;
  }
}

}  // namespace

NetcdfFile::NetcdfFile(const std::filesystem::path& path) : source_(path.string()), bytes_(file_bytes(path)) {
  // An absolute path is never taken for the address of a server.
  const int status = nc_open(std::filesystem::absolute(path).c_str(), NC_NOWRITE, &file_);
  if (status != NC_NOERR) {
    throw DataError(
        fmt::format("{}: expected a NetCDF file, found what the library cannot read ({}); it may be cut "
                    "off",
                    source_, nc_strerror(status)));
  }
  if (const double least = netcdf_classic_bytes(file_); least > static_cast<double>(bytes_)) {
    nc_close(file_);
    throw DataError(
        fmt::format("{}: found {} bytes, expected {:.0f} or more for its variables; the file may be cut off",
                    source_, bytes_, least));
  }
}

NetcdfFile::~NetcdfFile() { nc_close(file_); }

void NetcdfFile::fail(std::string_view variable, std::string_view what) const {
  throw DataError(fmt::format("{}, variable '{}': {}", source_, shown(variable), what));
}

void NetcdfFile::check(int status, const std::string& variable) const {
  if (status != NC_NOERR) {
    fail(variable,
         fmt::format("cannot be read ({}); the file may be cut off or damaged", nc_strerror(status)));
  }
}

std::vector<std::string> NetcdfFile::variables() const {
  int count = 0;
  std::vector<std::string> names;
  if (nc_inq_nvars(file_, &count) != NC_NOERR) return names;
  for (int i = 0; i < count; ++i) {
    std::array<char, NC_MAX_NAME + 1> name{};
    if (nc_inq_varname(file_, i, name.data()) == NC_NOERR) names.emplace_back(name.data());
  }
  return names;
}

bool NetcdfFile::has(const std::string& variable) const {
  int found = 0;
  return nc_inq_varid(file_, variable.c_str(), &found) == NC_NOERR;
}

std::size_t NetcdfFile::dimension(const std::string& name) const {
  int found = 0;
  std::size_t length = 0;
  const bool known = nc_inq_dimid(file_, name.c_str(), &found) == NC_NOERR &&
                     nc_inq_dimlen(file_, found, &length) == NC_NOERR;
  return known ? length : 0;
}

int NetcdfFile::id(const std::string& variable) const {
  int found = 0;
  if (nc_inq_varid(file_, variable.c_str(), &found) != NC_NOERR) {
    throw SettingError(fmt::format("{} has no variable '{}'; {}", source_, shown(variable),
                                   suggestion(variable, variables())));
  }
  return found;
}

int NetcdfFile::type(const std::string& variable) const {
  nc_type type = NC_NAT;
  check(nc_inq_vartype(file_, id(variable), &type), variable);
  return type;
}

Shape NetcdfFile::shape(const std::string& variable) const {
  int rank = 0;
  check(nc_inq_varndims(file_, id(variable), &rank), variable);
  std::vector<int> dimensions(static_cast<std::size_t>(rank));
  check(nc_inq_vardimid(file_, id(variable), dimensions.data()), variable);
  std::vector<std::uint64_t> extents;
  for (const int dimension : dimensions) {
    std::size_t length = 0;
    check(nc_inq_dimlen(file_, dimension, &length), variable);
    extents.push_back(length);
  }
  const std::string place = fmt::format("{}, variable '{}'", source_, shown(variable));
  const Shape result = shape_in_file(extents, place);
  const std::optional<ElementType> element = element_type(type(variable));
  check_inflation(result.size() * (element ? element->size_bytes : 1), bytes_, place);
  return result;
}

Array NetcdfFile::numbers(const std::string& variable) const {
  const std::optional<ElementType> element = element_type(type(variable));
  if (!element) fail(variable, "found no numbers, expected integers or floating numbers");
  Array array = zeros(shape(variable), fmt::format("{}, variable '{}'", source_, shown(variable)));
  std::string bytes(array.values.size() * element->size_bytes, '\0');
  if (!bytes.empty()) check(nc_get_var(file_, id(variable), bytes.data()), variable);
  to_floats(bytes, *element, array.values, fmt::format("{}, variable '{}'", source_, shown(variable)));
  return array;
}

std::vector<std::int64_t> NetcdfFile::whole_numbers(const std::string& variable) const {
  const std::optional<ElementType> element = element_type(type(variable));
  if (!element || element->kind == ElementKind::floating) fail(variable, "expected whole numbers");
  std::vector<long long> read(shape(variable).size());
  if (!read.empty()) check(nc_get_var_longlong(file_, id(variable), read.data()), variable);
  return {read.begin(), read.end()};
}

std::vector<std::string> NetcdfFile::texts(const std::string& variable) const {
  const Shape extents = shape(variable);
  if (type(variable) != NC_CHAR || extents.rank() != 2) {
    fail(variable, "expected texts: a char for each text and place in it");
  }
  std::string bytes(extents.size(), '\0');
  if (!bytes.empty()) check(nc_get_var_text(file_, id(variable), bytes.data()), variable);
  std::vector<std::string> all(extents[0]);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string_view text = std::string_view(bytes).substr(i * extents[1], extents[1]);
    all[i] = text.substr(0, text.find('\0'));
    if (!is_utf8(all[i])) fail(variable, fmt::format("found '{}', expected UTF-8", shown(all[i])));
  }
  return all;
}

}  // namespace carousel
