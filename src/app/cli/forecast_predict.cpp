#include "app/cli/forecast_predict.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "data/time_stamp.h"
#include "tasks/forecast_prediction.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

/// The fewest digits that give the same float: the network computes in float.
std::string value_text(double value) {
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
    return fmt::format("{}", value);
  return fmt::format("{}", static_cast<float>(value));
}

/// The number that value_text writes.
double written_value(double value) { return std::strtod(value_text(value).c_str(), nullptr); }

std::string time_text(const ForecastTable& head, const ForecastRow& row) {
  return head.has_time ? format_time(row.time) : std::to_string(row.time);
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// "time,step,target,forecast,q0.1,q0.9", with the series first where there is an id column.
std::string csv_header(const ForecastTable& head) {
  std::string line = head.id_name.empty() ? "" : quoted(head.id_name) + ',';
  line += quoted(!head.has_time           ? "row"
                 : head.time_name.empty() ? "time"
                                          : head.time_name) +
          ",step,target,forecast";
  for (const double level : head.levels) line += fmt::format(",q{}", level);
  return line + '\n';
}

std::string csv_line(const ForecastTable& head, const ForecastRow& row) {
  std::string line = head.id_name.empty() ? "" : quoted(row.series) + ',';
  line += fmt::format("{},{},{},{}", time_text(head, row), row.step, quoted(row.target),
                      value_text(row.forecast));
  for (const double value : row.quantiles) line += ',' + value_text(value);
  return line + '\n';
}

ordered_json row_json(const ForecastTable& head, const ForecastRow& row) {
  ordered_json json;
  if (!head.id_name.empty()) json["series"] = row.series;
  if (head.has_time) {
    json["time"] = format_time(row.time);
  } else {
    json["row"] = row.time;
  }
  json["step"] = row.step;
  json["target"] = row.target;
  json["forecast"] = written_value(row.forecast);
  for (std::size_t q = 0; q < row.quantiles.size(); ++q)
    json["quantiles"][fmt::format("{}", head.levels.at(q))] = written_value(row.quantiles[q]);
  return json;
}

std::string rows_text(const ForecastTable& head, const std::vector<ForecastRow>& rows, bool json) {
  std::string text;
  for (const ForecastRow& row : rows) text += json ? json_line(row_json(head, row)) : csv_line(head, row);
  return text;
}

/// Each row's forecast is written as soon as the row has been read.
void forecast_stream(const PredictRequest& request, const WriteText& write, ThreadPool& pool) {
  ForecastStream stream(request.run, "-", pool, request.weights);
  if (!request.json) write(csv_header(stream.head()));
  while (const auto rows = stream.next()) write(rows_text(stream.head(), *rows, request.json));
}

}  // namespace

void predict_forecasts(const PredictRequest& request, const WriteText& write, ThreadPool& pool) {
  const std::string& data = only_data(request);
  if (data == "-") return forecast_stream(request, write, pool);
  const ForecastTable table = predict_forecast(request.run, data, pool, request.weights);
  write((request.json ? "" : csv_header(table)) + rows_text(table, table.rows, request.json));
}

}  // namespace carousel::cli
