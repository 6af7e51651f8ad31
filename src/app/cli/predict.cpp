// carousel predict RUN DATA [-o FILE]
#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "base/file.h"
#include "data/time_stamp.h"
#include "tasks/forecast_prediction.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

struct PredictOptions {
  std::string run, data, out;
  std::optional<WeightFormat> weights;
};

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
void predict_stream(const PredictOptions& options, const Common& common, ThreadPool& pool) {
  ForecastStream stream(options.run, options.data, pool, options.weights);
  std::optional<AtomicFile> file;
  if (!options.out.empty()) file.emplace(options.out);
  const auto write = [&](const std::string& text) { file ? file->write(text) : write_result(text); };
  if (!common.json) write(csv_header(stream.head()));
  while (const auto rows = stream.next()) write(rows_text(stream.head(), *rows, common.json));
  if (file) file->commit();
}

int predict(const CLI::App& parser, const PredictOptions& options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run or a model file,");
  require_value(parser, options.data, "DATA, the CSV file to forecast from,");
  std::error_code none;  // one of them does not exist: then they are not the same
  if (!options.out.empty() && std::filesystem::equivalent(options.data, options.out, none))
    throw SettingError(fmt::format("--out: {} is DATA itself, expected another file", one_line(options.out)));
  ThreadPool pool(common.threads);
  if (options.data == "-") {
    predict_stream(options, common, pool);
  } else {
    const ForecastTable table = predict_forecast(options.run, options.data, pool, options.weights);
    const std::string text =
        (common.json ? "" : csv_header(table)) + rows_text(table, table.rows, common.json);
    options.out.empty() ? write_result(text) : write_file(options.out, text);
  }
  if (!options.out.empty() && !common.quiet)
    write_message(fmt::format("forecasts: {}\n", one_line(options.out)));
  return kDone;
}

}  // namespace

void add_predict(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* parser = add_parser(
      program, "predict",
      "forecasts what comes after the end of a CSV file, or after each row of a stream; as CSV", *common);
  parser->add_option("run", options->run, "folder of the run, or a model file")->type_name("RUN");
  parser
      ->add_option(
          "data", options->data,
          "CSV file with the columns of the training; - reads standard input row by row and forecasts "
          "after each")
      ->type_name("DATA");
  add_value(*parser, "--weights", "WORD",
            "how weights are kept: float32, bf16 or int8; the shorter ones round the forecasts, as convert "
            "tells",
            "as in the model", [options](const std::string& text) {
              options->weights = parse_weight_format("--weights", text);
            });
  add_value(*parser, "-o,--out", "FILE", "file to write", "standard output",
            [options](const std::string& text) { options->out = text; })
      ->group("Output");
  parser->get_option("--json")->description("one JSON object a line instead of CSV");
  set_examples(*parser, {"carousel predict runs/passengers passengers.csv",
                         "carousel predict runs/passengers passengers.csv -o next.csv",
                         "tail -n +1 -f sensor.csv | carousel predict runs/sensor -"});
  commands.push_back(
      {parser, common, [parser, options, common] { return predict(*parser, *options, *common); }});
}

}  // namespace carousel::cli
