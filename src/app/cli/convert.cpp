// carousel convert IN OUT --weights FORMAT
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "app/cli/text_table.h"
#include "base/counted.h"
#include "model/model_file.h"
#include "tasks/run_folder.h"
#include "tasks/weight_drift.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

struct ConvertOptions {
  std::string in, out, sample;
  std::optional<WeightFormat> weights;
};

/// What was converted, and what it cost.
struct Conversion {
  std::string in, out, weights;
  std::uintmax_t bytes_before = 0, bytes_after = 0;
  WeightDrift drift;
};

ordered_json metrics_json(const ForecastMetrics& metrics) {
  return {{"rmse", metrics.rmse}, {"mae", metrics.mae}, {"count", metrics.count}};
}

ordered_json conversion_json(const Conversion& of) {
  const Drift& outputs = of.drift.outputs;
  ordered_json json{{"file", of.out},
                    {"weights", of.weights},
                    {"bytes_before", of.bytes_before},
                    {"bytes_after", of.bytes_after}};
  ordered_json& drift = json["drift"];
  if (of.drift.data.empty()) {
    drift["sample"] = of.drift.symbols > 0 ? "uniform symbols" : "standard normal";
    drift["seed"] = of.drift.seed;
  } else {
    drift["sample"] = of.drift.data;
    drift["test_part"] = of.drift.test_part;
  }
  drift["sequences"] = outputs.sequences();
  drift["values"] = outputs.values();
  drift["non_finite"] = outputs.non_finite();
  drift["largest"] = outputs.largest();
  drift["rms"] = outputs.rms();
  drift["spread"] = outputs.spread();
  json["scores"] = ordered_json::array();
  for (const ScoreDrift& score : of.drift.scores)
    json["scores"].push_back({{"target", score.target},
                              {"float32", metrics_json(score.exact)},
                              {of.weights, metrics_json(score.reduced)}});
  return json;
}

std::string sample_text(const WeightDrift& drift) {
  const std::string count = grouped(drift.outputs.sequences());
  if (drift.data.empty())
    return fmt::format("{} sequences of {} (seed {}), for no data of the model are there", count,
                       drift.symbols > 0 ? "random symbols" : "standard normal numbers", drift.seed);
  return fmt::format("{} windows of {}{}", count, drift.test_part ? "the test part of " : "",
                     one_line(drift.data));
}

std::string non_finite_text(const Drift& outputs) {
  if (outputs.non_finite() == 0) return "";
  return fmt::format(" {} of {} outputs are left out: they are not finite, before or after.",
                     grouped(outputs.non_finite()), grouped(outputs.values() + outputs.non_finite()));
}

std::string drift_text(const WeightDrift& drift) {
  const Drift& outputs = drift.outputs;
  const auto share = [&](double difference) {
    return outputs.spread() > 0 ? fmt::format(" ({:.2g} %)", 100 * difference / outputs.spread()) : "";
  };
  return fmt::format(
      "Drift on {}: outputs differ from float32's by at most {}{}, root mean square {}{}; in parentheses as "
      "a share of the standard deviation of float32's outputs, {}.{}",
      sample_text(drift), short_number(outputs.largest()), share(outputs.largest()),
      short_number(outputs.rms()), share(outputs.rms()), short_number(outputs.spread()),
      non_finite_text(outputs));
}

std::string conversion_text(const Conversion& of, std::size_t width) {
  const double share = static_cast<double>(of.bytes_after) / static_cast<double>(of.bytes_before);
  std::string out =
      wrapped(fmt::format("{}: {} bytes in float32", one_line(of.in), grouped(of.bytes_before)), 0, width) +
      '\n' +
      wrapped(fmt::format("{}: {} bytes in {}, {:.0f} % of that", one_line(of.out), grouped(of.bytes_after),
                          of.weights, 100 * share),
              0, width) +
      "\n\n" + wrapped(drift_text(of.drift), 0, width) + '\n';
  if (of.drift.scores.empty()) return out;
  TextTable table{{"", "float32", of.weights}, {}};
  for (const ScoreDrift& score : of.drift.scores) {
    const std::string target = one_line(score.target);
    table.rows.push_back(
        {{target + "  RMSE"}, {short_number(score.exact.rmse)}, {short_number(score.reduced.rmse)}});
    table.rows.push_back(
        {{target + "  MAE"}, {short_number(score.exact.mae)}, {short_number(score.reduced.mae)}});
  }
  return out + '\n' + to_text(table, width, false);
}

void check(const CLI::App& parser, const ConvertOptions& options) {
  require_value(parser, options.in, "IN, a model file or the folder of a run,");
  require_value(parser, options.out, "OUT, the model file to write,");
  if (options.out == "-")
    throw SettingError("OUT: a model is written to a file, not to standard output; expected a path");
  if (!options.weights)
    throw SettingError(
        fmt::format("--weights: say bf16 or int8, in which OUT is to keep its weights; {} --help tells more",
                    full_name(parser)));
  if (*options.weights == WeightFormat::float32)
    throw SettingError("--weights: float32 is what IN has; expected bf16 or int8");
}

/// OUT would take the place of a file that is still needed.
void refuse_to_overwrite(const std::string& out, const std::string& file, const char* what) {
  std::error_code none;  // one of them does not exist: then they are not the same
  if (std::filesystem::equivalent(file, out, none))
    throw SettingError(fmt::format("OUT: {} is {}, expected another file", one_line(out), what));
}

int convert(const CLI::App& parser, const ConvertOptions& options, const Common& common) {
  check(parser, options);
  const std::string in = model_file(options.in);
  refuse_to_overwrite(options.out, in, "IN itself");
  refuse_to_overwrite(options.out, options.sample, "the sample");
  ThreadPool pool(common.threads);
  const auto sample = options.sample.empty() ? std::nullopt : std::optional(options.sample);
  const ReducedModel reduced =
      reduce_weights(options.in, *options.weights, sample, common.seed.value_or(0), pool);
  refuse_to_overwrite(options.out, reduced.own_data, "the data that the model was trained on");
  Conversion of{in, options.out, name(*options.weights), std::filesystem::file_size(in), 0, reduced.drift};
  save_model(options.out, reduced.model.network, reduced.model.metadata);
  of.bytes_after = std::filesystem::file_size(options.out);
  write_result(common.json ? json_line(conversion_json(of)) : conversion_text(of, Terminal(1).columns()));
  return kDone;
}

}  // namespace

void add_convert(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<ConvertOptions>();
  CLI::App* parser = add_parser(
      program, "convert", "writes a model with its weights in fewer bits, and tells how far its outputs move",
      *common);
  parser->add_option("in", options->in, "model file, or folder of a run")->type_name("IN");
  parser->add_option("out", options->out, "model file to write")->type_name("OUT");
  add_value(
      *parser, "--weights", "WORD",
      "must be given; bf16: half the bytes, 8 bits of precision; int8: a quarter, whole numbers up to 127 "
      "times a scale for each row",
      "", [options](const std::string& text) { options->weights = parse_weight_format("--weights", text); });
  add_value(*parser, "--sample", "FILE", "CSV file of the model's task to measure the drift on",
            "the test part of the data trained on",
            [options](const std::string& text) { options->sample = text; });
  parser->get_option("--seed")->description("seed of the random sample where no data are there");
  set_examples(*parser,
               {"carousel convert runs/passengers small.safetensors --weights int8",
                "carousel convert runs/passengers small.safetensors --weights bf16 --sample newer.csv"});
  commands.push_back(
      {parser, common, [parser, options, common] { return convert(*parser, *options, *common); }});
}

}  // namespace carousel::cli
