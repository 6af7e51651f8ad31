#include "data/named_columns.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <map>
#include <numeric>
#include <string_view>

#include "base/suggest.h"
#include "data/cells.h"

namespace carousel {
namespace {

[[noreturn]] void fail_missing(const CsvReader& reader, const std::string& name) {
  std::vector<std::string> there;
  for (const CsvColumn& column : reader.columns()) there.push_back(shown(column.name));
  throw DataError(fmt::format("{}: found no column '{}', which the data learned from has; {}",
                              reader.source(), shown(name), suggestion(name, there)));
}

std::vector<std::size_t> all_columns(const CsvReader& reader) {
  std::vector<std::size_t> columns(reader.columns().size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

}  // namespace

std::vector<std::size_t> columns_called(const CsvReader& reader, std::vector<std::size_t> columns,
                                        std::span<const std::string> names, OtherColumns others) {
  if (names.empty() || !reader.has_header()) return columns;
  std::map<std::string_view, std::size_t> left;  // a table may have very many columns
  for (const std::size_t c : columns) left.emplace(reader.columns()[c].name, c);
  std::vector<std::size_t> found;
  for (const std::string& name : names) {
    const auto column = left.find(name);
    if (column == left.end()) fail_missing(reader, name);
    found.push_back(column->second);
    left.erase(column);
  }
  if (others == OtherColumns::refused && !left.empty())
    throw DataError(
        fmt::format("{}: found column '{}', which the data learned from does not have; leave it out",
                    reader.source(), shown(left.begin()->first)));
  return found;
}

std::vector<std::size_t> columns_called(const CsvReader& reader, std::span<const std::string> names) {
  return columns_called(reader, all_columns(reader), names, OtherColumns::refused);
}

std::vector<std::string> names_of(const CsvReader& reader, std::span<const std::size_t> columns) {
  std::vector<std::string> names;
  if (!reader.has_header()) return names;
  for (const std::size_t c : columns) names.push_back(reader.columns()[c].name);
  return names;
}

}  // namespace carousel
