#include "data/matlab.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <matio.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <span>

#include "base/suggest.h"
#include "data/cells.h"
#include "data/elements.h"
#include "data/inflation.h"
#include "data/matlab_container.h"

namespace carousel {
namespace {

struct CloseFile {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
using File = std::unique_ptr<mat_t, CloseFile>;

struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using Variable = std::unique_ptr<matvar_t, FreeVariable>;

File open_file(const std::filesystem::path& path) {
  SeekableBytes bytes(path.string());
  // The library would write its errors to standard error, and exit at some.
  Mat_LogInitFunc("carousel", [](int, char*) {});
  File file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file) {
    throw DataError(fmt::format(
        "{}: expected a MAT file, found what the library cannot read; it may be cut off", path.string()));
  }
  if (Mat_GetVersion(file.get()) == MAT_FT_MAT4) {
    throw DataError(path.string() + ": expected a MAT file of version 5 or later; save it with -v7");
  }
  if (Mat_GetVersion(file.get()) == MAT_FT_MAT5) check_matlab_container(bytes, path.string());
  return file;
}

std::vector<std::string> variables(mat_t* file) {
  std::size_t count = 0;
  char* const* const names = Mat_GetDir(file, &count);
  std::vector<std::string> all;
  for (std::size_t i = 0; names != nullptr && i < count; ++i) {
    if (names[i] != nullptr) all.emplace_back(names[i]);
  }
  return all;
}

/// The type of the numbers in memory, once they have been read.
ElementType element_type(const matvar_t& variable, const std::string& place) {
  const auto type = [](ElementKind kind, std::size_t size) {
    return ElementType{kind, size, std::endian::native};
  };
  if (variable.isComplex != 0) throw DataError(place + ": found complex numbers, expected real ones");
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return type(ElementKind::floating, 8);
    case MAT_C_SINGLE:
      return type(ElementKind::floating, 4);
    case MAT_C_INT8:
      return type(ElementKind::signed_integer, 1);
    case MAT_C_UINT8:
      return type(ElementKind::unsigned_integer, 1);
    case MAT_C_INT16:
      return type(ElementKind::signed_integer, 2);
    case MAT_C_UINT16:
      return type(ElementKind::unsigned_integer, 2);
    case MAT_C_INT32:
      return type(ElementKind::signed_integer, 4);
    case MAT_C_UINT32:
      return type(ElementKind::unsigned_integer, 4);
    case MAT_C_INT64:
      return type(ElementKind::signed_integer, 8);
    case MAT_C_UINT64:
      return type(ElementKind::unsigned_integer, 8);
    default:
      throw DataError(place + ": found no numbers, expected a matrix of real numbers");
  }
}

Shape variable_shape(const matvar_t& variable, const std::string& place) {
  if (variable.rank < 0 || (variable.rank > 0 && variable.dims == nullptr)) {
    throw DataError(place + ": the shape cannot be read");
  }
  std::vector<std::uint64_t> extents(variable.dims, variable.dims + variable.rank);
  return shape_in_file(extents, place);
}

Array array_of(const matvar_t& variable, const std::string& place) {
  const ElementType type = element_type(variable, place);
  const Shape shape = variable_shape(variable, place);
  const std::size_t bytes = shape.size() * type.size_bytes;
  Array array = zeros(shape, place);
  if (bytes == 0) return array;
  if (variable.data == nullptr || variable.nbytes < bytes) {
    throw DataError(place + ": the numbers cannot be read; the file may be cut off or damaged");
  }
  to_floats({static_cast<const char*>(variable.data), bytes}, type, array.values, place);
  array.values = to_row_major(array.values, shape);
  return array;
}

std::span<matvar_t* const> cells_of(const matvar_t& variable, const std::string& place) {
  const std::size_t count = variable_shape(variable, place).size();
  if (count == 0) return {};
  if (variable.data == nullptr || variable.nbytes / sizeof(matvar_t*) < count) {
    throw DataError(place + ": the cells cannot be read; the file may be cut off or damaged");
  }
  return {static_cast<matvar_t* const*>(variable.data), count};
}

std::string cell_place(const std::string& place, std::size_t i) {
  return fmt::format("{}, cell {}", place, i + 1);
}

bool is_empty(const matvar_t* cell) { return cell == nullptr || cell->class_type == MAT_C_EMPTY; }

/// Before the library makes room for the numbers.
void check_promise(const matvar_t& variable, std::uint64_t stored_bytes, const std::string& place) {
  if (variable.class_type != MAT_C_CELL) {
    const std::size_t size = element_type(variable, place).size_bytes;
    check_inflation(variable_shape(variable, place).size() * size, stored_bytes, place);
    return;
  }
  const std::span<matvar_t* const> cells = cells_of(variable, place);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_empty(cells[i])) continue;
    const std::string where = cell_place(place, i);
    bytes += variable_shape(*cells[i], where).size() * element_type(*cells[i], where).size_bytes;
    check_inflation(bytes, stored_bytes, where);
  }
}

}  // namespace

std::vector<std::string> matlab_variables(const std::filesystem::path& path) {
  return variables(open_file(path).get());
}

std::vector<Array> read_matlab(const std::filesystem::path& path, std::string_view variable) {
  const File file = open_file(path);
  const std::string name(variable), place = fmt::format("{}, variable '{}'", path.string(), shown(name));
  const Variable found(Mat_VarReadInfo(file.get(), name.c_str()));
  if (!found) {
    throw SettingError(fmt::format("{} has no variable '{}'; {}", path.string(), shown(name),
                                   suggestion(name, variables(file.get()))));
  }
  check_promise(*found, file_bytes(path), place);
  if (Mat_VarReadDataAll(file.get(), found.get()) != 0) {
    throw DataError(place + ": the numbers cannot be read; the file may be cut off or damaged");
  }
  std::vector<Array> arrays;
  if (found->class_type != MAT_C_CELL) {
    arrays.push_back(array_of(*found, place));
    return arrays;
  }
  const std::span<matvar_t* const> cells = cells_of(*found, place);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    arrays.push_back(is_empty(cells[i]) ? Array{Shape{0, 0}, {}} : array_of(*cells[i], cell_place(place, i)));
  }
  return arrays;
}

}  // namespace carousel
