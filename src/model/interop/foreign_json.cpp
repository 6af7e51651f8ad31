#include "model/interop/foreign_json.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "base/file.h"

namespace carousel {

namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 26;
constexpr std::size_t kMaxCount = 1'000'000;

[[noreturn]] void refuse(const ForeignJson& json, const std::string& place, std::string_view expected) {
  throw ModelError(fmt::format("{}: found {}, expected {}", place, json.type_name(), expected));
}

}  // namespace

std::string read_foreign_file(const std::filesystem::path& path) { return read_file(path, kMaxBytes); }

ForeignJson parse_foreign_json(std::string_view text, const std::string& source) {
  try {
    ForeignJson json = ForeignJson::parse(text);
    if (!json.is_object()) refuse(json, source, "an object");
    return json;
  } catch (const nlohmann::json::parse_error& error) {
    throw ModelError(fmt::format("{}, byte {}: this is no JSON", source, error.byte));
  } catch (const nlohmann::json::exception&) {
    throw ModelError(fmt::format("{}: it holds a number that is too large", source));
  }
}

const ForeignJson& entry_of(const ForeignJson& object, const char* name, const std::string& place) {
  if (!object.is_object()) refuse(object, place, "an object");
  const auto found = object.find(name);
  if (found == object.end()) throw ModelError(fmt::format("{}: there is no \"{}\"", place, name));
  return *found;
}

std::string text_in(const ForeignJson& json, const std::string& place) {
  if (!json.is_string()) refuse(json, place, "a text");
  return json.get<std::string>();
}

std::size_t count_in(const ForeignJson& json, const std::string& place) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() - 1 >= kMaxCount)
    throw ModelError(fmt::format("{}: expected a whole number from 1 to {}", place, kMaxCount));
  return json.get<std::size_t>();
}

std::vector<double> numbers_in(const ForeignJson& json, const std::string& place) {
  if (!json.is_array()) refuse(json, place, "a list of numbers");
  std::vector<double> numbers;
  for (const ForeignJson& number : json) {
    if (!number.is_number()) refuse(number, place, "a number");
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

ForeignMatrix matrix_in(const ForeignJson& json, const std::string& place) {
  if (!json.is_array()) refuse(json, place, "a list of lists of numbers");
  ForeignMatrix matrix;
  for (const ForeignJson& row : json) {
    const std::vector<double> numbers = numbers_in(row, place);
    if (matrix.rows > 0 && numbers.size() != matrix.columns)
      throw ModelError(fmt::format("{}: row {} has {} numbers, the one before {}", place, matrix.rows + 1,
                                   numbers.size(), matrix.columns));
    matrix.columns = numbers.size();
    ++matrix.rows;
    matrix.values.insert(matrix.values.end(), numbers.begin(), numbers.end());
  }
  return matrix;
}

}  // namespace carousel
