#include "data/pen_strokes.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/counted.h"
#include "data/cells.h"
#include "data/named_columns.h"

namespace carousel {
namespace {

float coordinate(const CsvReader& file, const CsvRow& row, std::size_t column) {
  const double value = file.number(row, column);
  const auto rounded = static_cast<float>(value);
  if (!std::isfinite(rounded)) {
    throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected a coordinate", file.source(),
                                row.line, shown(file.columns()[column].name), shown(row.fields[column])));
  }
  return rounded;
}

bool lifted(const CsvReader& file, const CsvRow& row, std::size_t column) {
  const double value = file.number(row, column);
  if (value != 0 && value != 1) {
    throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected 0 or 1", file.source(),
                                row.line, shown(file.columns()[column].name), shown(row.fields[column])));
  }
  return value == 1;
}

/// The number of a column that may not be there: an empty name.
std::optional<std::size_t> find_optional(const CsvReader& file, const std::string& name, const char* what) {
  if (name.empty()) return std::nullopt;
  return file.find(name, what);
}

std::string text_of(const CsvReader& file, const CsvRow& row, std::optional<std::size_t> column) {
  if (!column) return {};
  const std::string_view field = row.fields[*column];
  if (!is_utf8(field)) {
    throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected UTF-8; save the file as UTF-8",
                                file.source(), row.line, shown(file.columns()[*column].name), shown(field)));
  }
  return std::string(field);
}

}  // namespace

std::vector<PenSample> read_pen_points(CsvReader& file, const PenPointColumns& columns) {
  const std::size_t x = file.find(columns.x, "x"), y = file.find(columns.y, "y"),
                    up = file.find(columns.up, "up");
  const std::optional<std::size_t> id = find_optional(file, columns.id, "id"),
                                   label = find_optional(file, columns.label, "label");
  std::vector<PenSample> samples;
  while (const std::optional<CsvRow> row = file.next()) {
    const std::string name = text_of(file, *row, id), class_name = text_of(file, *row, label);
    if (samples.empty() || samples.back().id != name) {
      samples.push_back({row->line, name, class_name, {}});
    } else if (samples.back().label != class_name) {
      throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected '{}' as in the rows before",
                                  file.source(), row->line, shown(columns.label), shown(class_name),
                                  shown(samples.back().label)));
    }
    samples.back().points.push_back(
        {coordinate(file, *row, x), coordinate(file, *row, y), lifted(file, *row, up)});
  }
  return samples;
}

std::vector<std::size_t> coordinate_columns(const CsvReader& file, const PenRowColumns& columns) {
  const std::optional<std::size_t> label = find_optional(file, columns.label, "label"),
                                   id = find_optional(file, columns.id, "id");
  std::vector<std::size_t> coordinates;
  for (std::size_t i = 0; i < file.columns().size(); ++i) {
    if (i != label && i != id) coordinates.push_back(i);
  }
  coordinates = columns_called(file, std::move(coordinates), columns.coordinates, OtherColumns::refused);
  if (coordinates.empty() || coordinates.size() % 2 != 0) {
    throw DataError(
        fmt::format("{}: found {} of coordinates, expected x and y of each point; is there a "
                    "label or an id to be named?",
                    file.source(), counted(coordinates.size(), "column", "columns")));
  }
  return coordinates;
}

std::vector<PenSample> read_pen_rows(CsvReader& file, const PenRowColumns& columns) {
  const std::optional<std::size_t> label = find_optional(file, columns.label, "label"),
                                   id = find_optional(file, columns.id, "id");
  const std::vector<std::size_t> coordinates = coordinate_columns(file, columns);
  std::vector<PenSample> samples;
  while (const std::optional<CsvRow> row = file.next()) {
    PenSample sample{row->line, text_of(file, *row, id), text_of(file, *row, label), {}};
    for (std::size_t i = 0; i < coordinates.size(); i += 2) {
      sample.points.push_back({coordinate(file, *row, coordinates[i]),
                               coordinate(file, *row, coordinates[i + 1]), i + 2 == coordinates.size()});
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

Array pen_features(std::span<const PenPoint> points) {
  Array features{Shape{points.size(), 3}, std::vector<float>(points.size() * 3)};
  if (points.empty()) return features;
  const auto [left, right] = std::ranges::minmax(points, {}, &PenPoint::x);
  const auto [low, high] = std::ranges::minmax(points, {}, &PenPoint::y);
  // In double precision a difference of floats is finite.
  const double side = std::max(double{right.x} - left.x, double{high.y} - low.y);
  for (std::size_t t = 0; t < points.size(); ++t) {
    if (t > 0 && side > 0) {
      features.values[3 * t] = static_cast<float>((double{points[t].x} - points[t - 1].x) / side);
      features.values[3 * t + 1] = static_cast<float>((double{points[t].y} - points[t - 1].y) / side);
    }
    features.values[3 * t + 2] = points[t].up ? 1.0f : 0.0f;
  }
  return features;
}

}  // namespace carousel
