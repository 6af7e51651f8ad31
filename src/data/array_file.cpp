#include "data/array_file.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>

#include "data/cells.h"
#include "data/hdf5.h"
#include "data/matlab.h"
#include "data/npy.h"

namespace carousel {
namespace {

constexpr std::size_t kNamesShown = 5;

bool is_hdf5(std::string_view extension) { return extension == "h5" || extension == "hdf5"; }

/// The libraries of HDF5 and MATLAB files, of which one calls the other, may not be called twice at a time.
std::unique_lock<std::mutex> library_lock() {
  static std::mutex mutex;
  return std::unique_lock(mutex);
}

}  // namespace

std::string file_extension(std::string_view path) {
  const std::size_t slash = path.find_last_of('/'), dot = path.find_last_of('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return "";
  std::string text(path.substr(dot + 1));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_array_file(std::string_view path) {
  const std::string extension = file_extension(path);
  return extension == "npy" || extension == "mat" || is_hdf5(extension);
}

std::vector<std::string> array_names(const std::string& path) {
  const std::string extension = file_extension(path);
  if (extension == "npy") return {""};
  const auto lock = library_lock();
  return is_hdf5(extension) ? hdf5_datasets(path) : matlab_variables(path);
}

std::vector<NamedArrays> read_arrays(const std::string& path, const std::vector<std::string>& names) {
  const std::string extension = file_extension(path);
  std::vector<NamedArrays> all;
  if (extension == "npy") {
    for (const std::string& name : names) all.push_back({name, {read_npy(path)}});
    return all;
  }
  const auto lock = library_lock();
  if (is_hdf5(extension)) {
    std::vector<Array> arrays = read_hdf5(path, names);
    for (std::size_t i = 0; i < names.size(); ++i) all.push_back({names[i], {std::move(arrays[i])}});
    return all;
  }
  for (const std::string& name : names) all.push_back({name, read_matlab(path, name)});
  return all;
}

std::string main_array(const std::string& path, const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  if (std::ranges::find(names, "x") != names.end()) return "x";
  std::vector<std::string> some;
  for (const std::string& name : names)
    if (some.size() < kNamesShown) some.push_back(shown(name));
  throw DataError(fmt::format("{}: found {} arrays ({}{}), expected one, or one that is called x", path,
                              names.size(), fmt::join(some, ", "),
                              names.size() > some.size() ? ", ..." : ""));
}

}  // namespace carousel
