#include "app/cli/forecast_predict.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/cli/csv_text.h"
#include "app/cli/output.h"
#include "data/time_stamp.h"
#include "tasks/forecast_prediction.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

/// The number that float_text writes.
double written_value(double value) { return std::strtod(float_text(value).c_str(), nullptr); }

std::string time_text(const ForecastTable& head, const ForecastRow& row) {
  return head.has_time ? format_time(row.time) : std::to_string(row.time);
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
                      float_text(row.forecast));
  for (const double value : row.quantiles) line += ',' + float_text(value);
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
