#include "data/hdf5.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/suggest.h"
#include "data/cells.h"
#include "data/elements.h"
#include "data/inflation.h"

namespace carousel {
namespace {

/// The library would write its errors to standard error.
class Silence {
 public:
  Silence() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Silence() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// A number by which the library knows something open; negative where it failed.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  hid_t get() const noexcept { return id_; }
  bool ok() const noexcept { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

hid_t open_file(const std::filesystem::path& path) {
  file_bytes(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) {
    throw DataError(fmt::format(
        "{}: expected an HDF5 file, found what the library cannot read; it may be cut off", path.string()));
  }
  return file;
}

herr_t add_dataset(hid_t, const char* name, const H5O_info_t* info, void* names) {
  if (info->type == H5O_TYPE_DATASET) static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::vector<std::string> datasets(hid_t file, const std::filesystem::path& path) {
  std::vector<std::string> names;
  if (H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, add_dataset, &names, H5O_INFO_BASIC) < 0) {
    throw DataError(
        fmt::format("{}: the datasets of the file cannot be listed; it may be damaged", path.string()));
  }
  std::ranges::sort(names);
  return names;
}

/// As the library gives the numbers: in the order of this machine's bytes.
ElementType element_type(hid_t type, const std::string& place) {
  const H5T_class_t kind = H5Tget_class(type);
  const std::size_t size = H5Tget_size(type);
  if (kind == H5T_ENUM) return element_type(Handle(H5Tget_super(type), H5Tclose).get(), place);
  const bool whole = size == 1 || size == 2 || size == 4 || size == 8;
  if (kind == H5T_INTEGER && whole) {
    const bool has_sign = H5Tget_sign(type) != H5T_SGN_NONE;
    return {has_sign ? ElementKind::signed_integer : ElementKind::unsigned_integer, size,
            std::endian::native};
  }
  if (kind == H5T_FLOAT && (size == 4 || size == 8))
    return {ElementKind::floating, size, std::endian::native};
  throw DataError(place + ": found a dataset that is not of integers or floating numbers of up to 64 bits");
}

Shape dataset_shape(hid_t dataset, const std::string& place) {
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const H5S_class_t kind = H5Sget_simple_extent_type(space.get());
  if (kind != H5S_SIMPLE && kind != H5S_SCALAR) throw DataError(place + ": found a dataset without numbers");
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const int rank = H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  if (rank < 0) throw DataError(place + ": the shape cannot be read");
  const std::vector<std::uint64_t> copy(extents.begin(), extents.begin() + rank);
  return shape_in_file(copy, place);
}

/// Numbers in other files would be read from wherever this one says.
void check_storage(hid_t dataset, std::uint64_t promised_bytes, const std::string& place) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(creation.get()) == H5D_VIRTUAL || H5Pget_external_count(creation.get()) != 0) {
    throw DataError(place + ": found a dataset whose numbers lie in other files");
  }
  check_inflation(promised_bytes, H5Dget_storage_size(dataset), place);
}

/// names: of all datasets in the file, sorted. What is not among them may be a link into another file.
Array read_dataset(hid_t file, const std::filesystem::path& path, const std::vector<std::string>& names,
                   std::string_view dataset) {
  const std::string name(dataset.starts_with('/') ? dataset.substr(1) : dataset);
  if (!std::ranges::binary_search(names, name)) {
    throw SettingError(
        fmt::format("{} has no dataset '{}'; {}", path.string(), shown(name), suggestion(name, names)));
  }
  const std::string place = fmt::format("{}, dataset '{}'", path.string(), shown(name));
  const Handle open(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle stored(open.ok() ? H5Dget_type(open.get()) : -1, H5Tclose);
  const Handle type(stored.ok() ? H5Tget_native_type(stored.get(), H5T_DIR_ASCEND) : -1, H5Tclose);
  if (!type.ok()) throw DataError(place + ": found a dataset of a type that cannot be read as numbers");
  const ElementType element = element_type(type.get(), place);
  const Shape shape = dataset_shape(open.get(), place);
  check_storage(open.get(), shape.size() * element.size_bytes, place);
  Array array = zeros(shape, place);
  std::string bytes(shape.size() * element.size_bytes, '\0');
  if (shape.size() > 0 && H5Dread(open.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) {
    throw DataError(place + ": the numbers cannot be read; the file may be cut off or damaged");
  }
  to_floats(bytes, element, array.values, place);
  return array;
}

}  // namespace

std::vector<std::string> hdf5_datasets(const std::filesystem::path& path) {
  const Silence silence;
  const Handle file(open_file(path), H5Fclose);
  return datasets(file.get(), path);
}

Array read_hdf5(const std::filesystem::path& path, std::string_view dataset) {
  return std::move(read_hdf5(path, std::vector<std::string>{std::string(dataset)}).front());
}

std::vector<Array> read_hdf5(const std::filesystem::path& path, const std::vector<std::string>& wanted) {
  const Silence silence;
  const Handle file(open_file(path), H5Fclose);
  const std::vector<std::string> names = datasets(file.get(), path);
  std::vector<Array> arrays;
  for (const std::string& dataset : wanted) arrays.push_back(read_dataset(file.get(), path, names, dataset));
  return arrays;
}

}  // namespace carousel
