#include "data/examples.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/suggest.h"
#include "data/array_file.h"
#include "data/cells.h"
#include "data/example_kinds.h"
#include "data/record_reader.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 12> kFormats = {"automatic", "manifest", "folders", "series",
                                                       "rows",      "tokens",   "json",    "pen",
                                                       "idx",       "arrays",   "netcdf",  "file"};

/// The first line of a CSV file, as far as its first bytes hold it, without a UTF-8 mark.
std::string first_line(const std::string& path) {
  ByteSource source(path);
  std::string head(4096, '\0');
  head.resize(source.read(head.data(), head.size()));
  head.resize(std::min(head.find_first_of("\r\n"), head.size()));
  if (head.starts_with("\xEF\xBB\xBF")) head.erase(0, 3);
  return head;
}

char manifest_delimiter(std::string_view line) {
  const std::size_t found = line.find_first_of(",;\t|");
  return found == std::string_view::npos ? ',' : line[found];
}

/// Whatever the case of its ASCII letters.
bool is_called(std::string_view column, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(column, name, {}, lower);
}

/// Does the first line of a CSV file name a column path or file?
bool names_files(const std::string& path) {
  const std::string line = first_line(path);
  const char delimiter = manifest_delimiter(line);
  for (std::size_t begin = 0, end = 0; begin <= line.size(); begin = end + 1) {
    end = std::min(line.find(delimiter, begin), line.size());
    std::string_view cell = std::string_view(line).substr(begin, end - begin);
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"')) cell.remove_suffix(1);
    if (is_called(cell, "path") || is_called(cell, "file")) return true;
  }
  return false;
}

/// What a CSV file is by its columns.
ExampleFormat csv_format(const std::string& path, const ExampleOptions& options) {
  if (options.id && !options.features.pen) return ExampleFormat::series;
  if (names_files(path)) return ExampleFormat::manifest;
  if (options.features.pen) return ExampleFormat::pen;
  return options.targets ? ExampleFormat::rows : ExampleFormat::file;
}

bool ends_with_one_of(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return path.ends_with(end); });
}

bool is_json(const std::string& path) { return ends_with_one_of(path, {".json", ".jsonl", ".ndjson"}); }

bool is_folder(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none);
}

/// May data of the options' format be in a file of that name?
bool may_hold(const std::string& path, const ExampleOptions& options) {
  const bool table = ends_with_one_of(path, {".csv", ".tsv"});
  switch (options.format) {
    case ExampleFormat::series:
    case ExampleFormat::rows:
    case ExampleFormat::tokens:
    case ExampleFormat::pen:
      return table || (!is_json(path) && !is_feature_file(path));
    case ExampleFormat::json:
      return !table && !is_feature_file(path);
    default:
      return !table && !is_json(path) && (options.targets || !is_feature_file(path));
  }
}

/// Formats with an example in each line, or few.
bool is_read_by_lines(ExampleFormat format) {
  return format == ExampleFormat::tokens || format == ExampleFormat::json || format == ExampleFormat::rows;
}

}  // namespace

ExampleFormat find_other_format(const std::string& path, ExampleOptions options) {
  if (is_folder(path)) return ExampleFormat::folders;
  if (path == "-" && options.features.pen) return ExampleFormat::pen;
  if (path == "-" && !options.targets && !is_read_by_lines(options.format)) return ExampleFormat::file;
  const bool files = options.format == ExampleFormat::manifest || options.format == ExampleFormat::folders;
  if (files && options.targets) return ExampleFormat::manifest;
  if (!files && may_hold(path, options)) return options.format;
  options.format = ExampleFormat::automatic;
  if (!options.features.pen) options.id.reset();
  return find_example_format(path, options);
}

ExampleFormat find_example_format(const std::string& path, const ExampleOptions& options) {
  if (is_folder(path)) return ExampleFormat::folders;
  if (ends_with_one_of(path, {".csv", ".tsv", ".txt"})) return csv_format(path, options);
  if (is_json(path)) return ExampleFormat::json;
  if (path.ends_with(".conll")) return ExampleFormat::tokens;
  if (is_array_file(path)) return ExampleFormat::arrays;
  if (ends_with_one_of(path, {".nc", ".cdf"})) return ExampleFormat::netcdf;
  if (std::filesystem::path(path).filename().string().find("idx") != std::string::npos)
    return ExampleFormat::idx;
  if (is_feature_file(path)) return ExampleFormat::file;
  throw SettingError(fmt::format(
      "format: what {} holds cannot be told by its name; say manifest, series, rows, tokens, json, pen, "
      "idx, arrays or netcdf",
      shown(path, 80)));
}

std::string_view name(ExampleFormat format) noexcept { return kFormats[static_cast<std::size_t>(format)]; }

ExampleFormat parse_example_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name);
  if (found != kFormats.end()) return static_cast<ExampleFormat>(found - kFormats.begin());
  const std::vector<std::string> known(kFormats.begin(), kFormats.end());
  throw SettingError(fmt::format("format: there is no '{}'; {}", shown(name), suggestion(name, known)));
}

std::optional<ExamplePart> find_part(std::string_view text) {
  if (text.empty()) return ExamplePart::any;
  if (text == "train" || text == "training") return ExamplePart::train;
  if (text == "validation" || text == "valid" || text == "dev") return ExamplePart::validation;
  if (text == "test") return ExamplePart::test;
  return std::nullopt;
}

ExamplePart parse_part(std::string_view text, const std::string& place) {
  if (const auto part = find_part(text)) return *part;
  throw DataError(fmt::format("{}: found '{}', expected train, validation or test", place, shown(text)));
}

std::string number_word(float value) { return fmt::format("{}", value); }

CsvOptions manifest_form(const std::string& path) {
  CsvOptions options;
  options.delimiter = manifest_delimiter(first_line(path));
  options.header = true;
  return options;
}

std::optional<std::size_t> column_named(const CsvReader& reader,
                                        std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (std::size_t c = 0; c < reader.columns().size(); ++c)
      if (reader.has_header() && is_called(reader.columns()[c].name, name)) return c;
  return std::nullopt;
}

std::optional<std::size_t> target_column(const CsvReader& reader, const ExampleOptions& options) {
  if (options.target) {
    for (std::size_t c = 0; c < reader.columns().size(); ++c)
      if (reader.columns()[c].name == *options.target) return c;
    if (options.targets) return reader.find(*options.target, "target");
    return std::nullopt;
  }
  if (const auto named = column_named(reader, {"target", "class", "label", "text"})) return named;
  if (!options.targets) return std::nullopt;
  return reader.columns().size() - 1;
}

std::unique_ptr<Examples> open_examples(const std::string& path, const ExampleOptions& options) {
  const ExampleFormat format =
      options.format == ExampleFormat::automatic ? find_example_format(path, options) : options.format;
  switch (format) {
    case ExampleFormat::manifest:
      return open_manifest(path, options);
    case ExampleFormat::folders:
      return open_folders(path, options);
    case ExampleFormat::series:
      return open_series(path, options);
    case ExampleFormat::rows:
      return open_rows(path, options);
    case ExampleFormat::tokens:
      return open_tokens(path, options);
    case ExampleFormat::json:
      return open_json(path, options);
    case ExampleFormat::pen:
      return open_pen(path, options);
    case ExampleFormat::idx:
      return open_idx(path, options);
    case ExampleFormat::arrays:
      return open_arrays(path, options);
    case ExampleFormat::netcdf:
      return open_netcdf(path, options);
    default:
      return open_file(path, options);
  }
}

}  // namespace carousel
