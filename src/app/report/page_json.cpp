#include "app/report/page_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/report/thinning.h"
#include "carousel/error.h"

namespace carousel::report {
namespace {

using nlohmann::json;

// More digits than a screen can show would only make the file larger.
constexpr int kDigits = 6;
constexpr int kCellDigits = 3;

double rounded(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
  const double result = std::round(value * unit) / unit;
  return std::isfinite(result) ? result : value;
}

json number(double value, int digits = kDigits) {
  return std::isfinite(value) ? json(rounded(value, digits)) : json(nullptr);
}

// JavaScript counts time in milliseconds.
json position(double x, Scale scale) {
  return scale == Scale::time ? json(std::round(x * 1000)) : number(x, 12);
}

json positions(const std::vector<double>& xs, Scale scale) {
  json out = json::array();
  for (const double x : xs) out.push_back(position(x, scale));
  return out;
}

json numbers(const std::vector<double>& values, Scale scale, int digits = kDigits) {
  json out = json::array();
  for (const double value : values) {
    out.push_back(scale == Scale::log && !(value > 0) ? json(nullptr) : number(value, digits));
  }
  return out;
}

const char* name_of(Scale scale) {
  switch (scale) {
    case Scale::number:
      return "number";
    case Scale::whole:
      return "whole";
    case Scale::log:
      return "log";
    case Scale::time:
      return "time";
  }
  return "";
}

const char* name_of(Stroke stroke) {
  switch (stroke) {
    case Stroke::solid:
      return "solid";
    case Stroke::dashed:
      return "dashed";
    case Stroke::points:
      return "points";
    case Stroke::solid_with_points:
      return "solid_with_points";
  }
  return "";
}

json axis_json(const Axis& axis) { return {{"title", axis.title}, {"scale", name_of(axis.scale)}}; }

void check_length(const std::string& chart, const std::string& what, std::size_t found,
                  std::size_t expected) {
  if (found == expected) return;
  throw Error(
      fmt::format("[report.render] chart '{}': {} has {} values, expected {}", chart, what, found, expected));
}

void check_positions(const std::string& chart, const std::string& what, const std::vector<double>& x) {
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (std::isfinite(x[k])) continue;
    throw Error(fmt::format("[report.render] chart '{}': {} has x[{}] = {}, expected a finite number", chart,
                            what, k, x[k]));
  }
}

json plot_json(const std::string& title, const LineChart& plot) {
  json out = {{"kind", "line"}, {"x", axis_json(plot.x)}, {"y", axis_json(plot.y)}};
  json& bands = out["bands"] = json::array();
  for (const Band& band : plot.bands) {
    check_length(title, "low edge of band '" + band.name + "'", band.low.size(), band.x.size());
    check_length(title, "high edge of band '" + band.name + "'", band.high.size(), band.x.size());
    check_positions(title, "band '" + band.name + "'", band.x);
    const Envelope thin = thin_band(band.x, band.low, band.high, kMaxLinePoints);
    bands.push_back({{"name", band.name},
                     {"colour", colour_name(band.colour)},
                     {"x", positions(thin.x, plot.x.scale)},
                     {"low", numbers(thin.low, plot.y.scale)},
                     {"high", numbers(thin.high, plot.y.scale)}});
  }
  json& lines = out["lines"] = json::array();
  for (const Line& line : plot.lines) {
    check_length(title, "line '" + line.name + "'", line.y.size(), line.x.size());
    check_positions(title, "line '" + line.name + "'", line.x);
    const Points thin = thin_line(line.x, line.y, kMaxLinePoints);
    lines.push_back({{"name", line.name},
                     {"colour", colour_name(line.colour)},
                     {"stroke", name_of(line.stroke)},
                     {"x", positions(thin.x, plot.x.scale)},
                     {"y", numbers(thin.y, plot.y.scale)}});
  }
  json& markers = out["markers"] = json::array();
  for (const Marker& marker : plot.markers) {
    check_positions(title, "marker '" + marker.label + "'", {marker.x});
    markers.push_back({{"x", position(marker.x, plot.x.scale)}, {"label", marker.label}});
  }
  return out;
}

json plot_json(const std::string& title, const BarChart& plot) {
  check_length(title, "edges", plot.edges.size(), plot.heights.size() + 1);
  check_positions(title, "edges", plot.edges);
  return {{"kind", "bar"},
          {"x", axis_json(plot.x)},
          {"y", axis_json(plot.y)},
          {"colour", colour_name(plot.colour)},
          {"edges", positions(plot.edges, plot.x.scale)},
          {"heights", numbers(plot.heights, plot.y.scale)}};
}

/// Names of one side of a heat map; none where they are not given, or cells have been put together.
json names_json(const std::string& title, const char* side, const std::vector<std::string>& names,
                std::size_t cells, std::size_t block) {
  if (!names.empty()) check_length(title, side, names.size(), cells);
  return block > 1 ? json::array() : json(names);
}

json plot_json(const std::string& title, const HeatMap& plot) {
  if (plot.columns.empty() || plot.rows == 0 || plot.values.size() % plot.rows != 0) {
    throw Error(fmt::format("[report.render] chart '{}': heat map of {} rows and {} columns with {} values",
                            title, plot.rows, plot.columns.size(), plot.values.size()));
  }
  check_length(title, "a row of the heat map", plot.values.size() / plot.rows, plot.columns.size());
  check_positions(title, "the heat map", plot.columns);
  if (!(plot.low < plot.high)) {
    throw Error(fmt::format("[report.render] chart '{}': colours from {} to {}, expected low < high", title,
                            plot.low, plot.high));
  }
  const std::size_t row_block = (plot.rows - 1) / kMaxHeatMapSide + 1;
  const std::size_t column_block = (plot.columns.size() - 1) / kMaxHeatMapSide + 1;
  const Matrix cells = block_means({plot.rows, plot.columns.size(), plot.values}, row_block, column_block);
  const Matrix columns = block_means({1, plot.columns.size(), plot.columns}, 1, column_block);
  return {{"kind", "heat_map"},
          {"x", axis_json(plot.x)},
          {"y", axis_json(plot.y)},
          {"value_title", plot.value_title},
          {"low", plot.low},
          {"high", plot.high},
          {"ramp", plot.ramp == Ramp::diverging ? "diverging" : "sequential"},
          {"rows", cells.rows},
          {"row_numbers", plot.rows},
          {"columns", positions(columns.values, plot.x.scale)},
          {"column_names",
           names_json(title, "column_names", plot.column_names, plot.columns.size(), column_block)},
          {"row_names", names_json(title, "row_names", plot.row_names, plot.rows, row_block)},
          {"values", numbers(cells.values, Scale::number, kCellDigits)}};
}

json shape_json(const std::string& title, const Shape& shape) {
  for (const double place : {shape.x, shape.y, shape.to_x, shape.to_y})
    if (!std::isfinite(place))
      throw Error(
          fmt::format("[report.render] chart '{}': a shape at {}, expected a finite number", title, place));
  return {static_cast<int>(shape.kind), colour_name(shape.colour),   number(shape.x, kDigits),
          number(shape.y, kDigits),     number(shape.to_x, kDigits), number(shape.to_y, kDigits)};
}

json shapes_json(const std::string& title, const std::vector<Shape>& shapes) {
  json out = json::array();
  for (const Shape& shape : shapes) out.push_back(shape_json(title, shape));
  return out;
}

json plot_json(const std::string& title, const Animation& plot) {
  if (plot.frames.empty() || plot.frames.size() > kMaxFrames)
    throw Error(fmt::format("[report.render] chart '{}': {} frames, expected from 1 to {}", title,
                            plot.frames.size(), kMaxFrames));
  check_length(title, "captions", plot.captions.size(), plot.frames.size());
  if (!(plot.left < plot.right && plot.bottom < plot.top))
    throw Error(fmt::format("[report.render] chart '{}': a picture from ({}, {}) to ({}, {})", title,
                            plot.left, plot.bottom, plot.right, plot.top));
  json frames = json::array();
  for (const auto& frame : plot.frames) frames.push_back(shapes_json(title, frame));
  return {
      {"kind", "animation"},         {"left", plot.left},        {"bottom", plot.bottom},
      {"right", plot.right},         {"top", plot.top},          {"ground", shapes_json(title, plot.ground)},
      {"frames", std::move(frames)}, {"captions", plot.captions}};
}

}  // namespace

std::string charts_json(const std::vector<const Chart*>& charts) {
  json out = json::array();
  for (const Chart* chart : charts) {
    json one = std::visit([&](const auto& plot) { return plot_json(chart->title, plot); }, chart->plot);
    one["wide"] = chart->wide;
    out.push_back(std::move(one));
  }
  // Strings may hold bytes that are no UTF-8; they become U+FFFD. A '<' only ever stands in a string, and as
  // an escape it can neither end the script element nor open a comment in it.
  const std::string text = out.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string inert;
  inert.reserve(text.size());
  for (const char letter : text) {
    if (letter == '<') {
      inert += "\\u003c";
    } else {
      inert += letter;
    }
  }
  return inert;
}

}  // namespace carousel::report
